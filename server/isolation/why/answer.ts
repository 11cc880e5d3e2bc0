import { randomUUID } from 'node:crypto';
import { access } from '../../db/access/declaration.ts';
import { asRole, type RoleAccess, type RoleClient } from '../role-clients.ts';
import { evaluate, type KnownRow, type Part, type Verdict } from './evaluate.ts';
import { passesFilter } from './filter-layer.ts';
import { newRow } from './new-row.ts';
import { type Question, scopeOf } from './question.ts';
import { readFacts, type TableFacts } from './table-facts.ts';
import type { Tried } from './tried.ts';
import { tryInsert } from './try-insert.ts';
import { tryRow } from './try-row.ts';

/** The layer that decided; `none` refuses nothing. */
export const LAYERS = [
  'grant',
  'session',
  'policy',
  'role',
  'filter',
  'limit',
  'rule',
  'reference',
  'values',
  'undecided',
  'unexplained',
  'none',
] as const;
export type Layer = (typeof LAYERS)[number];

export interface Answer {
  /** `unknown`: neither could the policies be evaluated nor the statement be tried to its end. */
  readonly decision: 'allowed' | 'refused' | 'unknown';
  readonly layer: Layer;
  readonly parts: readonly Part[];
  /** The database's code when the statement itself was refused or ended early. */
  readonly code: string | null;
}

type Decided = Pick<Answer, 'decision' | 'layer'>;

/** Decides as the real role, under the actor's context, in a transaction that ends undone. */
export function answer(roleAccess: RoleAccess, question: Question): Promise<Answer> {
  return asRole(roleAccess, scopeOf(question), (client) => answerAs(client, question));
}

async function answerAs(client: RoleClient, question: Question): Promise<Answer> {
  const { table, verb } = question;
  const facts = await readFacts(client, table);
  if (!facts?.granted[verb]) return refusedBy('grant');
  if (question.actor.kind === 'support' && !(await isInForce(client, question))) return refusedBy('session');
  const isNew = verb === 'insert';
  const row = isNew ? await newRow(client, facts, withFreshId(facts, question.row)) : question.row;
  const [verdict] = await evaluate(client, facts, verb, [row]);
  const needsMore = verdict!.decision === 'refused' && (await mayWithMore(client, facts, question, row));
  const tried = await (isNew ? tryInsert(client, facts, question, row) : tryRow(client, facts, question));
  const filter = () => passesFilter(scopeOf(question), table, verb, row);
  const decided = decide(verdict!, tried, needsMore, filter);
  return { ...decided, parts: verdict!.parts, code: tried.code };
}

const refusedBy = (layer: Layer): Answer => ({ decision: 'refused', layer, parts: [], code: null });

/** The database has the last word: an explanation that says otherwise than what happens is none. */
function decide(
  { decision }: Verdict,
  { passed, code }: Tried,
  needsMore: boolean,
  filter: () => boolean,
): Decided {
  const isThrough = passed === true || passed === 'policies';
  if (decision === 'refused')
    return isThrough
      ? { decision: 'allowed', layer: 'unexplained' }
      : { decision: 'refused', layer: needsMore ? 'role' : 'policy' };
  if (passed === null && code) return { decision: 'unknown', layer: 'undecided' };
  if (decision === 'hidden' && passed === null) return { decision: 'unknown', layer: 'policy' };
  if (passed === false) return { decision: 'refused', layer: layerOf(code, decision) };
  if (!filter()) return { decision: 'refused', layer: 'filter' };
  return { decision: 'allowed', layer: passed === 'policies' ? 'values' : 'none' };
}

/** What our own codes are about: BH010 to BH019 are the plan's limits, the others rules of states and of the trail. */
function layerOf(code: string | null, decision: Verdict['decision']): Layer {
  if (code && /^BH01/.test(code)) return 'limit';
  if (code?.startsWith('BH')) return 'rule';
  if (decision === 'hidden') return 'policy';
  return code?.startsWith('23') ? 'reference' : 'unexplained';
}

/** A new row has an id that nobody has; a market's own is what is asked about. */
function withFreshId({ table, columns }: TableFacts, row: KnownRow): KnownRow {
  if (columns.id !== 'uuid' || access[table]?.marketKey === 'id') return row;
  return { ...row, id: randomUUID() };
}

/** A support session reads, and the database believes it while it is open and allowed. */
async function isInForce({ query }: RoleClient, { verb }: Question): Promise<boolean> {
  const [said] = await query<{ isOn: boolean }>('select app.market_id() is not null as "isOn"');
  return verb === 'select' && said!.isOn;
}

const HIGHEST = { partner: 'owner', staff: 'operator' } as const;

/** Whether the same actor with the highest role would pass: then it is the role's permission that is missing. */
async function mayWithMore(
  client: RoleClient,
  facts: TableFacts,
  question: Question,
  row: KnownRow,
): Promise<boolean> {
  const scope = scopeOf(question);
  const role = HIGHEST[scope.actor.kind as keyof typeof HIGHEST];
  if (!role || scope.actor.role === role) return false;
  await client.become({ ...scope, actor: { ...scope.actor, role } });
  const [verdict] = await evaluate(client, facts, question.verb, [row]);
  await client.become(scope);
  return verdict!.decision === 'allowed';
}
