import type { Formats } from '../http/format.ts';
import type { Translate } from '../i18n/i18n.ts';
import type { ContentSnapshot } from './offer-content.ts';

export interface DiffRow {
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

interface Named {
  readonly id: string;
  readonly nameEn: string;
  readonly nameAr: string;
}

export interface DiffWords {
  readonly t: Translate;
  /** In the market's time zone: a schedule means its wall clock. */
  readonly fmt: Formats;
  readonly branches: readonly Named[];
  readonly categories: readonly Named[];
}

/** What an offer said when it was last approved beside what it says now, field by field; '' for nothing. */
export function contentDiff(
  before: ContentSnapshot | null,
  after: ContentSnapshot,
  words: DiffWords,
): DiffRow[] {
  const fields = describeFields(words);
  return fields.map(([label, say]) => ({ label, before: before ? say(before) : '', after: say(after) }));
}

type Field = readonly [label: string, say: (content: ContentSnapshot) => string];

function describeFields({ t, fmt, branches, categories }: DiffWords): Field[] {
  const inLanguage = (key: string, language: string) =>
    t('offers:inLanguage', { label: t(`offers:${key}`), language: t(`common:form.${language}`) });
  const word = (each: Named | undefined) => (each ? (fmt.locale === 'ar' ? each.nameAr : each.nameEn) : '');
  const money = (minor: number | null, currency: string) => (minor ? `${fmt.money(minor, currency)}` : '');
  const time = (iso: string | null) => (iso ? `${fmt.dateTime(iso)}` : '');
  return [
    [inLanguage('name', 'english'), ({ titleEn }) => titleEn],
    [inLanguage('name', 'arabic'), ({ titleAr }) => titleAr],
    [inLanguage('text', 'english'), ({ textEn }) => textEn],
    [inLanguage('text', 'arabic'), ({ textAr }) => textAr],
    [t('offers:price'), ({ price, currency }) => money(price, currency)],
    [t('offers:oldPrice'), ({ oldPrice, currency }) => money(oldPrice, currency)],
    [t('offers:category'), ({ categoryId }) => word(categories.find(({ id }) => id === categoryId))],
    [t('offers:startsAt'), ({ startsAt }) => time(startsAt) || t('offers:onApproval')],
    [t('offers:endsAt'), ({ endsAt }) => time(endsAt)],
    [
      t('offers:branches'),
      ({ branchIds }) =>
        branches
          .filter(({ id }) => branchIds.includes(id))
          .map(word)
          .join(fmt.locale === 'ar' ? '، ' : ', '),
    ],
  ];
}
