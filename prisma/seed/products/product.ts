/** Something a demo market sells. `price` in Saudi riyals; `art` picks the drawing (0 to 5) of its category. */
export type Product = readonly [nameEn: string, nameAr: string, price: number, art: number];

/** What a category's demo offers are made of: at least 20 products, and sentences that fit all of them. */
export interface Range {
  readonly products: readonly Product[];
  /** English, Arabic. */
  readonly sentences: readonly (readonly [string, string])[];
}
