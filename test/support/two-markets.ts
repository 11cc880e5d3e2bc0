import type { ClientBase } from 'pg';
import {
  deviceScope,
  type MarketRole,
  NOBODY,
  type Scope,
  type StaffRole,
} from '../../server/market/scope.ts';
import { buildRows, type FixtureRow } from './fixture/rows.ts';
import { amber, basil, type MarketFixture, staff } from './fixture/sides.ts';
import { quoted, readTables } from './fixture/tables.ts';

export type { FixtureRow } from './fixture/rows.ts';
export { amber, basil, fixtureId, type MarketFixture, staff } from './fixture/sides.ts';

/** Tables that are no part of the fixture: histories and queues of other tools, and the signing keys. */
const isOurs = (name: string): boolean => name !== '_prisma_migrations' && !name.includes('.');

/**
 * Fills every table, as the catalogue lists them, with rows of two markets that differ in nothing but whose they
 * are; each text carries its market's marker. `superuser` is past row-level security.
 */
export async function insertTwoMarkets(superuser: ClientBase): Promise<FixtureRow[]> {
  const rows: FixtureRow[] = [];
  for (const table of (await readTables(superuser)).filter(({ name }) => isOurs(name))) {
    const own = buildRows(table, rows);
    await insertRows(superuser, own);
    rows.push(...own);
    if (table.name === 'offer') await approveLiveOffers(superuser);
  }
  return rows;
}

/** Nobody writes an offer's state: a verdict about its very content makes it. */
async function approveLiveOffers(superuser: ClientBase): Promise<void> {
  await superuser.query(
    `update offer set decision = 'approved', decision_digest = content_digest, decided_at = now() where id = any($1)`,
    [[amber.liveOffer, basil.liveOffer]],
  );
}

async function insertRows(client: ClientBase, rows: readonly FixtureRow[]): Promise<void> {
  // Their triggers would write what the fixture says otherwise, and a claim's ask for a context that nobody has here.
  const role = ['claim', 'event_day', 'redemption'].includes(rows[0]?.table ?? '') ? 'replica' : 'origin';
  await client.query(`set session_replication_role = ${role}`);
  for (const { table, values } of rows) {
    const columns = Object.keys(values).filter((name) => values[name] !== undefined);
    const places = columns.map((_, index) => `$${index + 1}`).join(', ');
    // Rows that triggers or migrations have written already.
    const known = /^sync_epoch$|audit_(head|link)$/.test(table) ? ' on conflict do nothing' : '';
    await client.query(
      `insert into ${quoted(table)} (${columns.map(quoted).join(', ')}) values (${places})${known}`,
      columns.map((name) => values[name]),
    );
  }
}

export function partnerScope(market: MarketFixture, role: MarketRole = 'manager'): Scope {
  const actor = { kind: 'partner', id: market[role], role, name: `${market.marker} ${role}` } as const;
  return { surface: 'partner', marketId: market.marketId, actor, receipt: 'test' };
}

/** Somebody who has signed in and not yet chosen a market. */
export function personScope(id: string): Scope {
  return {
    surface: 'partner',
    marketId: null,
    actor: { kind: 'person', id, role: 'none', name: '' },
    receipt: 'test',
  };
}

export function staffScope(role: StaffRole = 'operator'): Scope {
  const actor = { kind: 'staff', id: staff[role], role, name: `staff ${role}` } as const;
  return { surface: 'admin', marketId: null, actor, receipt: 'test' };
}

/** A request of the public surface: under the market's key, of a hosted page's visitor, or of a shopper. */
export function publicScope(
  market: MarketFixture,
  kind: 'key' | 'visitor' | 'shopper',
  id: string = { key: market.key, visitor: NOBODY, shopper: market.shopper }[kind],
): Scope {
  const actor = { kind, id, role: 'none', name: `${market.marker} ${kind}` } as const;
  return { surface: 'public', marketId: market.marketId, actor, receipt: 'test' };
}

/** A till of the market. */
export const tillScope = (market: MarketFixture, id: string = market.device): Scope =>
  deviceScope(market.marketId, id, `${market.marker} till`, 'test');

/** A job of the market itself. */
export function jobScope(market: MarketFixture): Scope {
  const actor = { kind: 'job', id: NOBODY, role: 'none', name: 'job' } as const;
  return { surface: 'partner', marketId: market.marketId, actor, receipt: 'test' };
}
