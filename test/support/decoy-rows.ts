import type { ClientBase } from 'pg';
import { DECOY_MARKET } from '../../server/market/scoping/decoy-market.ts';
import { basil, markerOf } from './fixture/sides.ts';
import { quoted } from './fixture/tables.ts';

/** Stands in every text of the rows that `fillDecoy` writes, and begins all of their ids. */
export const DECOY_MARKER = 'marker-decoy';
export const DECOY_IDS = '0dec0000-';

const TABLES = `
  select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and exists (select from pg_attribute m where m.attrelid = c.oid and m.attname = 'market_id')
  group by c.relname order by c.relname`;

/** Its ids say when it happened. */
const TIMED = 'offer_event';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface Copied {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly Record<string, unknown>[];
}

/**
 * Gives the decoy market a row of everything that another market has, as it never would have by itself: whoever forgets
 * the decoy shows one of them, or counts it. Needs the market itself. @returns the ids of one row of each table.
 */
export async function fillDecoy(superuser: ClientBase): Promise<string[]> {
  const { rows: tables } = await superuser.query<{ name: string; columns: string[] }>(TABLES);
  const copied: Copied[] = [];
  for (const { name, columns } of tables) {
    const { rows } = await superuser.query<{ row: Record<string, unknown> }>(
      `select to_jsonb(t) as row from ${quoted(name)} t where market_id = $1`,
      [basil.marketId],
    );
    copied.push({ name, columns, rows: rows.map(({ row }) => row) });
  }
  const own = new Set(
    copied
      .filter(({ name }) => name !== TIMED)
      .flatMap(({ rows }) => rows.map(({ id }) => String(id)).filter((id) => UUID.test(id))),
  );
  const decoys = (row: object): string =>
    JSON.stringify(row)
      .replaceAll(basil.marketId, DECOY_MARKET)
      .replaceAll(markerOf('basil'), DECOY_MARKER)
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) =>
        own.has(id) ? DECOY_IDS + id.slice(9) : id,
      );
  await superuser.query('set session_replication_role = replica');
  for (const { name, columns, rows } of copied) {
    const list = columns.map(quoted).join(', ');
    await superuser.query(
      `insert into ${quoted(name)} (${list}) select ${list}
       from jsonb_populate_recordset(null::${quoted(name)}, $1::jsonb) on conflict do nothing`,
      [`[${rows.map(decoys).join(',')}]`],
    );
  }
  await superuser.query('set session_replication_role = origin');
  return copied.flatMap(({ rows }) => {
    const id = rows.map((row) => String(row.id)).find((each) => own.has(each));
    return id ? [DECOY_IDS + id.slice(9)] : [];
  });
}
