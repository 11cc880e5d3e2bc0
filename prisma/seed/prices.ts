import type { Country } from './places.ts';

const DISCOUNTS = [10, 15, 20, 20, 25, 25, 30, 40, 50];

interface Price {
  /** Minor units of the country's currency. */
  readonly price: number;
  readonly oldPrice: number | null;
}

const round = (minor: number, step: number) => Math.max(step, Math.round(minor / step) * step);

/** A price as it stands on a shelf: 12.95 rather than 13.00 where hundredths are in use. */
function shelfPrice(minor: number, country: Country): number {
  if (country.step === 25 && minor >= 500) return round(minor, 100) - 5;
  return round(minor, country.step);
}

/** What a product costs on offer, and before it; `draw` in [0, 1) picks the discount. */
export function offerPrice(riyals: number, country: Country, draw: number): Price {
  const list = riyals * country.rate * country.unit;
  const oldPrice = shelfPrice(list, country);
  if (draw > 0.88) return { price: oldPrice, oldPrice: null };
  const discount = DISCOUNTS[Math.floor((draw / 0.88) * DISCOUNTS.length)]!;
  const price = shelfPrice((list * (100 - discount)) / 100, country);
  return { price, oldPrice: oldPrice > price ? oldPrice : price + country.step };
}

/** The same offer a little cheaper: what an edit before a resubmission changes. */
export function cheaper(price: number, country: Country): number {
  return Math.max(1, Math.min(shelfPrice(price * 0.9, country), price - 5));
}
