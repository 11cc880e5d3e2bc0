/**
 * Something a demo market sells. `price` in Saudi riyals; `art` picks the drawing (0 to 5) of its category. `shelf` is
 * the category of what many kinds of markets sell; absent, it is the market's own.
 */
export type Product = readonly [nameEn: string, nameAr: string, price: number, art: number, shelf?: Shelf];

/** Categories that each range has something of, so that markets of all kinds can be compared in them. */
export const SHELVES = ['gifts', 'home'] as const;
export type Shelf = (typeof SHELVES)[number];

/** What a category's demo offers are made of: at least 20 products, and sentences that fit all of them. */
export interface Range {
  readonly products: readonly Product[];
  /** English, Arabic. */
  readonly sentences: readonly (readonly [string, string])[];
}
