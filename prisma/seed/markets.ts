import type { ClientBase } from 'pg';
import { DAY, HOUR } from './clock.ts';
import { DEMO_MARKETS, type DemoMarket } from './market-list.ts';
import { insertRows } from './rows.ts';

/** When a market joined: some weeks ago if it has only applied, else well before the figures begin. */
export function openedFrom(today: Date): (market: DemoMarket) => Date {
  return ({ number, state }) => {
    const days = state === 'applied' ? 24 + number : 260 + ((number * 37) % 240);
    return new Date(today.getTime() - days * DAY + (8 + (number % 8)) * HOUR);
  };
}

export async function writeMarkets(
  client: ClientBase,
  opened: (market: DemoMarket) => Date,
  today: Date,
): Promise<void> {
  const columns = {
    id: 'uuid',
    slug: 'text',
    name_en: 'text',
    name_ar: 'text',
    state: 'text',
    state_reason: 'text',
    plan_id: 'text',
    locale: 'text',
    time_zone: 'text',
    currency: 'text',
    is_demo: 'boolean',
    created_at: 'timestamptz',
    updated_at: 'timestamptz',
  };
  const rows = DEMO_MARKETS.map((market) => ({
    id: market.id,
    slug: market.slug,
    name_en: market.nameEn,
    name_ar: market.nameAr,
    state: market.state,
    state_reason: market.stateReason,
    plan_id: market.plan,
    locale: market.locale,
    time_zone: market.country.timeZone,
    currency: market.country.currency,
    is_demo: true,
    created_at: opened(market),
    updated_at: market.stoppedDaysAgo
      ? new Date(today.getTime() - market.stoppedDaysAgo * DAY)
      : opened(market),
  }));
  await insertRows(client, 'market', columns, rows);
}
