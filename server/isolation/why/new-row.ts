import { quoted } from '../probe/shapes.ts';
import type { RoleClient } from '../role-clients.ts';
import type { KnownRow } from './evaluate.ts';
import { mentioned, type TableFacts } from './table-facts.ts';

interface Filling {
  readonly name: string;
  /** What fills it where nobody names it; null where nothing does. */
  readonly text: string | null;
}

/** Columns that may stay empty or fill themselves. A sequence's next number would be gone for good. */
const FILLINGS = `
  select attname as name, pg_get_expr(adbin, adrelid) as text
  from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
  where attrelid = to_regclass('public.' || quote_ident($1)) and attname = any($2)
    and attgenerated = '' and attidentity = ''
    and (pg_get_expr(adbin, adrelid) is not null or not attnotnull)
    and coalesce(pg_get_expr(adbin, adrelid) !~ 'nextval', true)`;

/**
 * A row as the role's policies for new rows would see it: what of it the role may write, and for the other columns
 * that the policies ask about what the database itself fills in. A column that somebody has to choose stays unknown.
 */
export async function newRow(
  client: Pick<RoleClient, 'query'>,
  facts: TableFacts,
  given: KnownRow,
): Promise<KnownRow> {
  const written = Object.entries(given).filter(([name]) => facts.insertable.includes(name));
  const row: Record<string, unknown> = Object.fromEntries(written);
  const conditions = facts.policies
    .filter(({ command }) => command === 'insert' || command === 'all')
    .flatMap(({ using, check }) => [...using, ...check]);
  const asked = [...new Set([...mentioned(facts, conditions), ...Object.keys(given)])];
  const open = asked.filter((name) => !Object.hasOwn(row, name));
  if (open.length === 0) return row;
  const fillings = await client.query<Filling>(FILLINGS, [facts.table, open]);
  if (fillings.length === 0) return row;
  const values = fillings.map(({ name, text }) => `(${text ?? 'null'}) as ${quoted(name)}`).join(', ');
  const [filled] = await client.query<{ row: KnownRow }>(
    `select to_jsonb(filling) as row from (select ${values}) as filling`,
  );
  return { ...row, ...filled!.row };
}
