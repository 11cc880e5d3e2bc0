import { decimal, formats, type Locale } from '../http/format.ts';
import type { Markup } from '../http/markup.ts';
import { parseMoney } from '../http/money.ts';
import { parseInputDateTime, toInputDateTime } from '../http/zoned-time.ts';
import type { Messages, Translate } from '../i18n/i18n.ts';
import type { MarketUnits } from './offers.input.ts';
import type { OfferChoices, OfferDetail } from './offers.queries.ts';

/** An offer as a shopper would see it, in one language. */
export interface PreviewSide {
  readonly locale: Locale;
  readonly dir: 'ltr' | 'rtl';
  readonly title: string;
  readonly text: string;
  readonly category: string;
  readonly price: Markup | null;
  readonly oldPrice: Markup | null;
  /** Sentences in the side's own language, which need not be the page's; '' when they don't apply. */
  readonly saving: string;
  readonly until: string;
}

type Values = Record<string, unknown>;
type Categories = Pick<OfferChoices, 'categories'>;

/**
 * Both languages of what an editor's form holds right now. It is shown while somebody types, so what can't be
 * read yet is left out instead of being an error.
 */
export function previewOf(
  values: Values,
  units: MarketUnits,
  { categories }: Categories,
  messages: Messages,
): PreviewSide[] {
  return (['en', 'ar'] as const).map((locale) =>
    side(locale, values, units, categories, messages.translator(locale)),
  );
}

function side(
  locale: Locale,
  values: Values,
  { currency, timeZone }: MarketUnits,
  categories: Categories['categories'],
  t: Translate,
): PreviewSide {
  const fmt = formats(locale, timeZone);
  const typed = (name: string) => (typeof values[name] === 'string' ? values[name] : '');
  const suffix = locale === 'ar' ? 'Ar' : 'En';
  const price = parseMoney(typed('price'), currency);
  const oldPrice = parseMoney(typed('oldPrice'), currency);
  const isCheaper = price !== null && oldPrice !== null && price > 0 && oldPrice > price;
  const category = categories.find(({ id }) => id === values.categoryId);
  const ends = parseInputDateTime(typed('endsAt'), timeZone);
  return {
    locale,
    dir: locale === 'ar' ? 'rtl' : 'ltr',
    title: typed(`title${suffix}`).slice(0, 200) || t('offers:previewTitle'),
    text: typed(`text${suffix}`).slice(0, 5000),
    category: category?.[`name${suffix}`] ?? '',
    price: price ? fmt.money(price, currency) : null,
    oldPrice: isCheaper ? fmt.money(oldPrice, currency) : null,
    saving: isCheaper ? t('offers:saving', { percent: fmt.percent((oldPrice - price) / oldPrice, 0) }) : '',
    until: ends ? t('offers:until', { time: fmt.dateTime(ends) }) : '',
  };
}

/** A stored offer as the editor's form shows it. */
export function formValues(offer: OfferDetail, timeZone: string): Values {
  const { titleEn, titleAr, textEn, textAr, price, oldPrice, currency, categoryId, branchIds, version } =
    offer;
  return {
    ...{ titleEn, titleAr, textEn, textAr, branchIds, version },
    price: price > 0 ? decimal(price, currency) : '',
    oldPrice: oldPrice === null ? '' : decimal(oldPrice, currency),
    categoryId: categoryId ?? '',
    startsAt: toInputDateTime(offer.startsAt, timeZone),
    endsAt: toInputDateTime(offer.endsAt, timeZone),
    claimLimit: offer.claimLimit ?? '',
    claimLimitPerShopper: offer.claimLimitPerShopper,
  };
}
