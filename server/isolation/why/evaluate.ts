import { quoted } from '../probe/shapes.ts';
import type { RoleClient } from '../role-clients.ts';
import { type ConditionWords, wordsOf } from './condition-words.ts';
import { mentioned, type PolicyFacts, type TableFacts, type Verb } from './table-facts.ts';

/** Only the columns that policies mention, as JSON; a column that is missing is not known here. */
export type KnownRow = Readonly<Record<string, unknown>>;

export interface Part {
  readonly policy: string;
  /** Which of the statement's rights it belongs to: naming a row needs the right to read it, too. */
  readonly of: Verb | 'check';
  readonly sql: string;
  readonly words: ConditionWords;
  /** `hidden`: it could not be evaluated without more of the row than may be known here. */
  readonly value: boolean | 'hidden';
}

/** What grants and policies say about one row. */
export interface Verdict {
  readonly decision: 'allowed' | 'refused' | 'hidden';
  readonly layer: 'grant' | 'policy' | 'none';
  readonly parts: readonly Part[];
}

type Client = Pick<RoleClient, 'query' | 'attempt'>;
type Value = boolean | 'hidden';

/** Decides for each row as the role and under the context of the connection, by evaluating the policies themselves. */
export async function evaluate(
  client: Client,
  facts: TableFacts,
  verb: Verb,
  rows: readonly KnownRow[],
): Promise<Verdict[]> {
  if (!facts.granted[verb]) return rows.map(() => ({ decision: 'refused', layer: 'grant', parts: [] }));
  if (!facts.isBound) return rows.map(() => ({ decision: 'allowed', layer: 'none', parts: [] }));
  const rights = rightsOf(facts, verb);
  const asked = rights.flatMap(({ of, policies }) =>
    policies.flatMap((policy) => conditionsOf(policy, of).map((sql) => ({ of, policy: policy.name, sql }))),
  );
  const values = await valuesOf(client, facts, [...new Set(asked.map(({ sql }) => sql))], rows);
  return values.map((known) => {
    const parts = asked.map((part) => ({ ...part, words: wordsOf(part.sql), value: known.get(part.sql)! }));
    const all = rights.map((right) => rightValue(right, known));
    return { decision: word(every(all)), layer: 'policy', parts };
  });
}

interface Right {
  readonly of: Verb | 'check';
  readonly policies: readonly PolicyFacts[];
}

/** Statements that name a row read it: the policies for reading bind them as well, where the role may read at all. A new row is named by nobody. */
function rightsOf({ policies, granted }: TableFacts, verb: Verb): Right[] {
  const right = (of: Verb): Right => ({
    of,
    policies: policies.filter(({ command }) => command === of || command === 'all'),
  });
  if (verb === 'insert') return [right(verb)];
  const checked = right('update').policies;
  return [
    ...(verb !== 'select' && granted.select ? [right('select')] : []),
    right(verb),
    ...(verb === 'update' && checked.some(({ check }) => check.length > 0)
      ? [{ of: 'check' as const, policies: checked }]
      : []),
  ];
}

const conditionsOf = ({ using, check }: PolicyFacts, of: Right['of']): readonly string[] =>
  (of === 'check' || of === 'insert') && check.length > 0 ? check : using;

/** One permissive policy has to let it through, and each restrictive one. */
function rightValue({ of, policies }: Right, known: ReadonlyMap<string, Value>): Value {
  const value = (policy: PolicyFacts) => every(conditionsOf(policy, of).map((sql) => known.get(sql)!));
  const some = policies.filter(({ permissive }) => permissive).map(value);
  const permitted = some.includes(true) ? true : some.includes('hidden') ? 'hidden' : false;
  return every([permitted, ...policies.filter(({ permissive }) => !permissive).map(value)]);
}

function every(values: readonly Value[]): Value {
  if (values.includes(false)) return false;
  return values.includes('hidden') ? 'hidden' : true;
}

const word = (value: Value): Verdict['decision'] =>
  value === 'hidden' ? 'hidden' : value ? 'allowed' : 'refused';

/** Each condition over each row, by the role itself: what a sub-select finds is what the role would find. */
async function valuesOf(
  client: Client,
  facts: TableFacts,
  conditions: readonly string[],
  rows: readonly KnownRow[],
): Promise<Map<string, Value>[]> {
  const known = rows.map(() => new Map<string, Value>());
  if (conditions.length === 0 || rows.length === 0) return known;
  const answers =
    (await ask(client, facts, conditions, rows)) ?? (await askSingly(client, facts, conditions, rows));
  for (const [at, row] of rows.entries()) {
    for (const [number, sql] of conditions.entries()) {
      const isKnown = mentioned(facts, [sql]).every((column) => Object.hasOwn(row, column));
      known[at]!.set(sql, isKnown ? (answers[at]![number] ?? 'hidden') : 'hidden');
    }
  }
  return known;
}

type Answers = (boolean | null)[][];

/** @returns null when one of them could not be evaluated at all. */
async function ask(
  client: Client,
  { table }: TableFacts,
  conditions: readonly string[],
  rows: readonly KnownRow[],
): Promise<Answers | null> {
  const name = quoted(table);
  const list = conditions.map((sql) => `coalesce((${sql}), false)`).join(', ');
  await client.query('savepoint condition');
  try {
    const found = await client.query<{ values: boolean[] }>(
      `select array[${list}] as values from jsonb_populate_recordset(null::public.${name}, $1::jsonb) as ${name}`,
      [JSON.stringify(rows)],
    );
    return found.map(({ values }) => values);
  } catch {
    await client.query('rollback to savepoint condition');
    return null;
  } finally {
    await client.query('release savepoint condition');
  }
}

async function askSingly(
  client: Client,
  facts: TableFacts,
  conditions: readonly string[],
  rows: readonly KnownRow[],
): Promise<Answers> {
  const answers: Answers = rows.map(() => []);
  for (const condition of conditions) {
    const values = await ask(client, facts, [condition], rows);
    for (const [at, each] of answers.entries()) each.push(values?.[at]?.[0] ?? null);
  }
  return answers;
}
