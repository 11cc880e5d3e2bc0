import type { RangeSlug } from '../catalogue.ts';
import { beauty } from './beauty.ts';
import { books } from './books.ts';
import { cafe } from './cafe.ts';
import { electronics } from './electronics.ts';
import { fashion } from './fashion.ts';
import { grocery } from './grocery.ts';
import { home } from './home.ts';
import { pharmacy } from './pharmacy.ts';
import type { Range } from './product.ts';
import { sports } from './sports.ts';
import { toys } from './toys.ts';

export const RANGES: Readonly<Record<RangeSlug, Range>> = {
  grocery,
  electronics,
  fashion,
  pharmacy,
  home,
  cafe,
  beauty,
  sports,
  toys,
  books,
};

/** Sentences that any offer may end with. English, Arabic. */
export const TERMS: readonly (readonly [string, string])[] = [
  ['One coupon for each customer.', 'قسيمة واحدة لكل عميل.'],
  ['While stocks last, in the listed branches.', 'حتى نفاد الكمية في الفروع المذكورة.'],
  ['Cannot be combined with another offer.', 'لا يُجمع مع عرض آخر.'],
  ['The price includes VAT.', 'السعر شامل ضريبة القيمة المضافة.'],
];
