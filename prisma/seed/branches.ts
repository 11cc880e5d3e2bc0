import type { ClientBase } from 'pg';
import type { CategorySlug } from './catalogue.ts';
import { DAY } from './clock.ts';
import { demoId } from './ids.ts';
import type { DemoMarket } from './market-list.ts';
import { randomFor } from './random.ts';
import { insertRows } from './rows.ts';

const WEEK = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** Wall-clock times of the market's zone; a day that is missing is closed. */
interface Opening {
  readonly day: (typeof WEEK)[number];
  readonly opens: string;
  readonly closes: string;
}

const OPENING: Partial<Record<CategorySlug, readonly [string, string]>> = {
  grocery: ['07:00', '23:30'],
  pharmacy: ['08:00', '23:59'],
  cafe: ['06:30', '23:00'],
  books: ['09:30', '21:30'],
};

function hoursOf(category: CategorySlug): Opening[] {
  const [opens, closes] = OPENING[category] ?? ['10:00', '22:30'];
  const friday = category === 'cafe' || category === 'pharmacy' ? opens : '13:30';
  return WEEK.map((day) => ({ day, opens: day === 'fri' ? friday : opens, closes }));
}

export const branchId = (market: DemoMarket, index: number): string =>
  demoId('branch', market.number * 1_000 + index + 1);

export const branchIds = (market: DemoMarket): string[] =>
  Array.from({ length: market.branches }, (_, index) => branchId(market, index));

function placesOf({ country, branches }: DemoMarket) {
  const places = country.cities.flatMap((city) => city.districts.map((district) => ({ city, district })));
  return places.slice(0, branches);
}

/** English, in the order of the branches' numbers. */
export const branchNames = (market: DemoMarket): string[] =>
  placesOf(market).map(({ district }) => `${district[0]} branch`);

const columns = {
  market_id: 'uuid',
  id: 'uuid',
  name_en: 'text',
  name_ar: 'text',
  address_en: 'text',
  address_ar: 'text',
  city: 'text',
  phone: 'text',
  latitude: 'float8',
  longitude: 'float8',
  hours: 'jsonb',
  state: 'text',
  created_at: 'timestamptz',
  updated_at: 'timestamptz',
};

function branchRows(market: DemoMarket, opened: Date) {
  const random = randomFor(`${market.slug}/branches`);
  return placesOf(market).map(({ city, district }, index) => {
    const building = random.int(1_000, 8_900);
    const at = new Date(opened.getTime() + (index + 1) * 3 * DAY);
    return {
      market_id: market.id,
      id: branchId(market, index),
      name_en: `${district[0]} branch`,
      name_ar: `فرع ${district[1]}`,
      address_en: `Building ${building}, ${district[0]}, ${city.name[0]}`,
      address_ar: `مبنى ${building}، ${district[1]}، ${city.name[1]}`,
      city: city.name[market.locale === 'ar' ? 1 : 0],
      // No subscriber's number starts with 000.
      phone: `${market.country.dialling} 000 ${String(market.number * 100 + index).padStart(4, '0')}`,
      latitude: Number((city.latitude + random.between(-0.03, 0.03)).toFixed(5)),
      longitude: Number((city.longitude + random.between(-0.03, 0.03)).toFixed(5)),
      hours: hoursOf(market.category),
      state: market.state === 'closed' ? 'closed' : 'open',
      created_at: at,
      updated_at: at,
    };
  });
}

/** @param opened when each market joined */
export async function writeBranches(
  client: ClientBase,
  markets: readonly DemoMarket[],
  opened: (market: DemoMarket) => Date,
): Promise<void> {
  const rows = markets.flatMap((market) => branchRows(market, opened(market)));
  await insertRows(client, 'branch', columns, rows);
}
