import { literal, quoted } from '../probe/shapes.ts';
import { asRole, type RoleAccess, type RoleClient } from '../role-clients.ts';
import { evaluate, type Part } from './evaluate.ts';
import { passesFilter } from './filter-layer.ts';
import { type Question, scopeOf } from './question.ts';
import { readFacts, type TableFacts } from './table-facts.ts';

/** The layer that decided; `none` refuses nothing. */
export const LAYERS = [
  'grant',
  'policy',
  'filter',
  'limit',
  'rule',
  'reference',
  'unexplained',
  'none',
] as const;
export type Layer = (typeof LAYERS)[number];

export interface Answer {
  /** `unknown`: neither could the policies be evaluated nor the statement be tried. */
  readonly decision: 'allowed' | 'refused' | 'unknown';
  readonly layer: Layer;
  readonly parts: readonly Part[];
  /** The database's code when the statement itself was refused. */
  readonly code: string | null;
}

/** Decides as the real role, under the actor's context, in a transaction that ends undone. */
export function answer(roleAccess: RoleAccess, question: Question): Promise<Answer> {
  return asRole(roleAccess, scopeOf(question), (client) => answerAs(client, question));
}

async function answerAs(client: RoleClient, question: Question): Promise<Answer> {
  const { table, verb, row } = question;
  const facts = await readFacts(client, table);
  if (!facts?.granted[verb]) return { decision: 'refused', layer: 'grant', parts: [], code: null };
  const [verdict] = await evaluate(client, facts, verb, [row]);
  const { parts, decision } = verdict!;
  const tried = await tryIt(client, facts, question);
  const told = { parts, code: tried.code };
  if (decision === 'hidden' && tried.passed === null)
    return { ...told, decision: 'unknown', layer: 'policy' };
  if (decision !== 'allowed' && !tried.passed) return { ...told, decision: 'refused', layer: 'policy' };
  // The database has the last word: an explanation that says otherwise than what happens is none.
  if (decision === 'refused') return { ...told, decision: 'allowed', layer: 'unexplained' };
  if (tried.passed === false) return { ...told, decision: 'refused', layer: layerOf(tried.code) };
  if (!passesFilter(scopeOf(question), table, verb, row))
    return { ...told, decision: 'refused', layer: 'filter' };
  return { ...told, decision: 'allowed', layer: 'none' };
}

/** What our own codes are about: BH010 to BH019 are the plan's limits, the others rules of states and of the trail. */
function layerOf(code: string | null): Layer {
  if (!code) return 'unexplained';
  if (/^BH01/.test(code)) return 'limit';
  if (/^BH/.test(code)) return 'rule';
  return code.startsWith('23') ? 'reference' : 'unexplained';
}

/** The statement itself, which changes nothing that could stay; null where the role may not name the row's key. */
async function tryIt(
  client: RoleClient,
  { table, readable, writable, columns }: TableFacts,
  { verb, key }: Question,
): Promise<{ passed: boolean | null; code: string | null }> {
  const names = Object.keys(key).filter((name) => name in columns);
  if (names.some((name) => !readable.includes(name))) return { passed: null, code: null };
  const where = names
    .map((name) => `${quoted(name)} = ${literal(key[name])}::${columns[name]}`)
    .join(' and ');
  const same = writable
    .filter((name) => readable.includes(name))
    .map((name) => `${quoted(name)} = ${quoted(name)}`);
  if (verb === 'update' && same.length === 0) return { passed: null, code: null };
  const statements = {
    select: `select from ${quoted(table)} where ${where}`,
    update: `update ${quoted(table)} set ${same.join(', ')} where ${where}`,
    delete: `delete from ${quoted(table)} where ${where}`,
  };
  try {
    return { passed: (await client.attempt(statements[verb])).affected > 0, code: null };
  } catch (error) {
    return { passed: false, code: String((error as { code?: unknown }).code ?? '') || null };
  }
}
