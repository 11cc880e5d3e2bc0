import { literal, quoted } from '../probe/shapes.ts';
import type { RoleClient } from '../role-clients.ts';
import type { KnownRow } from './evaluate.ts';
import { keyCondition } from './key-condition.ts';
import type { Question } from './question.ts';
import type { TableFacts } from './table-facts.ts';
import { type Tried, triedOf } from './tried.ts';

interface Unique {
  readonly name: string;
  readonly type: string;
  readonly needed: boolean;
  readonly refers: boolean;
}

const UNIQUE = `
  select attname as name, format_type(atttypid, atttypmod) as type, attnotnull as needed,
    exists (select from pg_constraint where conrelid = attrelid and contype = 'f' and attnum = any(conkey)) as refers
  from pg_attribute where attrelid = to_regclass('public.' || quote_ident($1)) and attnum > 0
    and exists (select from pg_index where indrelid = attrelid and indisunique and attnum = any(indkey))`;

/**
 * The insert itself, which leaves nothing: what is known of the new row, and for the rest a row that the role sees,
 * copied without its ids. So plans' limits count it as they would the real one. With none to be seen, the known
 * columns alone.
 */
export async function tryInsert(
  client: RoleClient,
  facts: TableFacts,
  question: Pick<Question, 'key'>,
  row: KnownRow,
): Promise<Tried> {
  const known = `jsonb_populate_record(null::public.${quoted(facts.table)}, ${literal(JSON.stringify(row))}::jsonb) as known`;
  const own = facts.insertable.filter((name) => Object.hasOwn(row, name));
  const copied = await copiedColumns(client, facts, row);
  try {
    if (copied) {
      const names = [...own, ...copied.map(({ name }) => name)];
      const values = [...own.map((name) => `known.${quoted(name)}`), ...copied.map(({ value }) => value)];
      const from = `(select * from (select ${readableOf(facts)} from ${quoted(facts.table)}
        where ${whereOf(facts, question)} limit 1) as seen) as example, ${known}`;
      const sql = insertOf(facts, names, `select ${values.join(', ')} from ${from}`);
      if ((await client.attempt(sql)).affected > 0) return { passed: true, code: null };
    }
    const values = own.map((name) => `known.${quoted(name)}`).join(', ');
    await client.attempt(insertOf(facts, own, `select ${values} from ${known}`));
    return { passed: true, code: null };
  } catch (error) {
    return triedOf(error, 'insert');
  }
}

const insertOf = ({ table }: TableFacts, names: readonly string[], rows: string): string =>
  names.length === 0
    ? `insert into ${quoted(table)} default values`
    : `insert into ${quoted(table)} (${names.map(quoted).join(', ')}) ${rows}`;

const readableOf = ({ readable }: TableFacts): string => readable.map(quoted).join(', ');

function whereOf({ columns, readable }: TableFacts, { key }: Pick<Question, 'key'>): string {
  const names = Object.keys(key).filter((name) => readable.includes(name));
  return keyCondition(columns, key, names) || 'true';
}

/** Of a row to copy: ids anew, texts that are nobody else's made so, what may stay empty and must not be twice left out. */
async function copiedColumns(
  client: RoleClient,
  { table, insertable, readable }: TableFacts,
  row: KnownRow,
): Promise<{ name: string; value: string }[] | null> {
  if (readable.length === 0) return null;
  const unique = new Map((await client.query<Unique>(UNIQUE, [table])).map((each) => [each.name, each]));
  const names = insertable.filter((name) => readable.includes(name) && !Object.hasOwn(row, name));
  return names.flatMap((name) => {
    const value = `example.${quoted(name)}`;
    const once = unique.get(name);
    if (!once || (once.refers && once.needed)) return [{ name, value }];
    if (!once.needed) return [];
    if (once.type === 'uuid') return [{ name, value: 'gen_random_uuid()' }];
    return [{ name, value: once.type === 'text' ? `left(md5(random()::text), 8) || ${value}` : value }];
  });
}
