import { formats, type Locale } from '../http/format.ts';
import type { Translate } from '../i18n/i18n.ts';
import type { OfferText } from './channel.ts';

/** An offer and its market, as far as a message speaks of them. */
export interface OfferFacts {
  readonly offerId: string;
  readonly slug: string;
  readonly nameEn: string;
  readonly nameAr: string;
  readonly timeZone: string;
  readonly titleEn: string;
  readonly titleAr: string;
  readonly textEn: string;
  readonly textAr: string;
  readonly price: number;
  readonly oldPrice: number | null;
  readonly currency: string;
  readonly endsAt: Date | string | null;
}

/**
 * The words of a message: the offer as staff approved it and nothing besides, so that no campaign says what nobody
 * looked at. A language that the offer lacks falls back to the other.
 */
export function offerText(facts: OfferFacts, locale: Locale, t: Translate): OfferText {
  const fmt = formats(locale, facts.timeZone);
  const [title, otherTitle] = inLocale(locale, facts.titleEn, facts.titleAr);
  const [text, otherText] = inLocale(locale, facts.textEn, facts.textAr);
  const [market] = inLocale(locale, facts.nameEn, facts.nameAr);
  const { oldPrice, currency, endsAt } = facts;
  return {
    ...{ locale, market, title: title || otherTitle, text: text || otherText },
    price: fmt.money(facts.price, currency).text,
    oldPrice:
      oldPrice === null ? null : t('mail:offerMessage.before', { price: fmt.money(oldPrice, currency).text }),
    until: endsAt === null ? null : t('mail:offerMessage.until', { date: fmt.dateTime(endsAt).text }),
  };
}

const inLocale = (locale: Locale, en: string, ar: string): [string, string] =>
  locale === 'ar' ? [ar, en] : [en, ar];

export const offerPath = ({ slug, offerId }: OfferFacts, locale: Locale): string =>
  `/m/${slug}/offers/${offerId}?lang=${locale}`;
