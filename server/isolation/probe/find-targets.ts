import { DECOY_MARKET } from '../../market/scoping/decoy-market.ts';
import type { RoleClient } from '../role-clients.ts';
import type { ProbeMarket, ProbeTargets } from './probe.input.ts';
import { quoted, readShapes, type Shape } from './shapes.ts';

/** Two markets that staff chose, or none: then the two with the most offers, or the decoy where there is only one. */
export type Chosen = readonly [own: string, foreign: string] | null;

const SAMPLE = `
  select m.id from market m where m.state = 'active' or m.id = $1
  order by m.id = $1, (select count(*) from offer where market_id = m.id) desc, m.id limit 2`;

const PEOPLE = `
  select m.id,
    (select id from team_member where market_id = m.id and role = 'owner' and state = 'active' order by id limit 1) as member,
    (select id from device where market_id = m.id and state = 'active' order by id limit 1) as device,
    (select id from shopper where market_id = m.id order by id limit 1) as shopper
  from market m where m.id = $1`;

const MOST = 1_000;

/**
 * Looks up, as staff, who to attack as and what there is to attack: an attack that finds nothing proves something only
 * where there was something. The decoy may be attacked; nobody acts for it, so that nobody attacks as it.
 * @throws RangeError when there are no two such markets.
 */
export async function findTargets(client: RoleClient, chosen: Chosen): Promise<ProbeTargets> {
  const ids = chosen ?? (await client.query<{ id: string }>(SAMPLE, [DECOY_MARKET])).map(({ id }) => id);
  const own = ids[0] && ids[0] !== DECOY_MARKET && (await peopleOf(client, ids[0]));
  const foreign = ids[1] && (await peopleOf(client, ids[1]));
  if (!own || !foreign || own.id === foreign.id) throw new RangeError('two different markets are needed');
  const tables: ProbeTargets['tables'] = {};
  for (const shape of await readShapes(client)) {
    const found = await rowsOf(client, shape, own.id, foreign.id);
    if (found) tables[shape.table] = found;
  }
  return { own, foreign, tables };
}

async function peopleOf({ query }: RoleClient, id: string): Promise<ProbeMarket | undefined> {
  return (await query<ProbeMarket>(PEOPLE, [id]))[0];
}

/** Staff may not read every table: of those nothing is known, and they are attacked all the same. */
async function rowsOf({ query }: RoleClient, shape: Shape, own: string, foreign: string) {
  const { table, key, primaryKey } = shape;
  const counted = (place: string) =>
    `(select count(*)::int from (select from ${quoted(table)} where ${key} = ${place} limit ${MOST}) as sample)`;
  const columns = primaryKey.map((name) => `${quoted(name)}::text`).join(', ') || `${key}::text`;
  await query('savepoint target');
  try {
    const [row] = await query<ProbeTargets['tables'][string]>(
      `select ${counted('$1')} as own, ${counted('$2')} as foreign,
         (select to_json(found) from (select ${columns} from ${quoted(table)} where ${key} = $2 limit 1) as found) as row`,
      [own, foreign],
    );
    return row;
  } catch (error) {
    if ((error as { code?: unknown }).code !== '42501') throw error;
    await query('rollback to savepoint target');
    return { own: 0, foreign: 0, row: null };
  }
}
