import { access } from '../../db/access/declaration.ts';
import type { Scope } from '../../market/scope.ts';
import { NOBODY } from '../../market/scope.ts';
import { quoted } from '../probe/shapes.ts';
import type { RoleClient } from '../role-clients.ts';
import { type ActorKind, type Question, surfaceOf } from './question.ts';
import { mentioned, readFacts, type Verb } from './table-facts.ts';

/** What support asks. */
export interface Wanted {
  readonly kind: ActorKind;
  readonly marketId: string | null;
  readonly actorId: string | null;
  readonly table: string;
  /** The row's id; the parts of a longer key with colons between them, with or without the market's. Empty for a new row like no other. */
  readonly row: string;
  readonly verb: Verb;
}

/** A field of the form whose value is nobody's. */
export class NotThere extends Error {
  constructor(readonly field: 'actorId' | 'table' | 'row') {
    super(`no such ${field}`);
  }
}

const ACTORS: Partial<Record<ActorKind, string>> = {
  partner: 'select role from team_member where market_id = $1 and id = $2',
  key: `select 'none' as role from publishable_key where market_id = $1 and id = $2`,
  shopper: `select 'none' as role from shopper where market_id = $1 and id = $2`,
  // People belong to no market, and staff reads their memberships alone.
  person: `select 'none' as role from team_member where $1::uuid is null and user_id = $2 limit 1`,
  support: `select 'analyst' as role from support_session where market_id = $1 and id = $2`,
  device: `select 'none' as role from device where market_id = $1 and id = $2`,
  staff: 'select role from staff_user where $1::uuid is null and id = $2',
};

/** Looks up, as staff, who and what is meant: of the row no more than its key and what policies ask of it. */
export async function lookUp(client: RoleClient, wanted: Wanted): Promise<Question> {
  const { kind, marketId, verb, table } = wanted;
  const actor = await actorOf(client, wanted);
  return { surface: surfaceOf(kind), marketId, actor, table, verb, ...(await rowOf(client, wanted)) };
}

async function actorOf(
  { query }: RoleClient,
  { kind, marketId, actorId }: Wanted,
): Promise<Question['actor']> {
  const sql = ACTORS[kind];
  if (!sql) return { kind, id: NOBODY, role: kind === 'job' ? 'owner' : 'none' };
  const [found] = actorId ? await query<{ role: Scope['actor']['role'] }>(sql, [marketId, actorId]) : [];
  if (!found) throw new NotThere('actorId');
  return { kind, id: actorId!, role: found.role };
}

async function rowOf(client: RoleClient, wanted: Wanted): Promise<Pick<Question, 'key' | 'row'>> {
  const { table, row, verb, marketId } = wanted;
  const facts = table in access ? await readFacts(client, table) : null;
  if (!facts) throw new NotThere('table');
  if (verb === 'insert' && row === '') return { key: {}, row: inMarket(table, marketId) };
  const values = row.split(/:(?=\S)/);
  const { primaryKey, readable } = facts;
  const short = primaryKey.filter((name) => name !== 'market_id');
  const names = values.length === primaryKey.length ? primaryKey : short;
  if (values.length !== names.length || !primaryKey.every((name) => readable.includes(name)))
    throw new NotThere('row');
  const known = [...new Set([...(await askedColumns(client, table)), access[table]!.marketKey ?? ''])];
  const shown = known.filter((name) => readable.includes(name)).map((name) => `'${name}', ${quoted(name)}`);
  const key = primaryKey.map((name) => `'${name}', ${quoted(name)}::text`);
  const where = names.map((name, at) => `${quoted(name)} = $${at + 1}::${facts.columns[name]}`);
  const found = await client
    .query<Pick<Question, 'key' | 'row'>>(
      `select json_build_object(${key.join(', ')}) as key, jsonb_build_object(${shown.join(', ')}) as row
       from ${quoted(table)} where ${where.join(' and ')} limit 2`,
      values,
    )
    .catch((error: { code?: string }) => {
      // No value of that type, so no such row.
      if (/^22/.test(error.code ?? '')) return [];
      throw error;
    });
  if (found.length !== 1) throw new NotThere('row');
  return found[0]!;
}

/** A new row of which no more is known than whose it is to be. */
function inMarket(table: string, marketId: string | null): Question['row'] {
  const key = access[table]!.marketKey;
  return key && marketId ? { [key]: marketId } : {};
}

/** What any policy of the table asks about, whoever it is for. */
async function askedColumns(client: RoleClient, table: string): Promise<string[]> {
  const facts = (await readFacts(client, table))!;
  const rows = await client.query<{ text: string }>(
    `select concat_ws(' ', pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) as text
     from pg_policy where polrelid = to_regclass('public.' || quote_ident($1))`,
    [table],
  );
  return mentioned(
    facts,
    rows.map(({ text }) => text),
  );
}
