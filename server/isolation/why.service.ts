import { recordAudit } from '../audit/audit.service.ts';
import { access } from '../db/access/declaration.ts';
import type { ScopedClient } from '../db/client.ts';
import { invalid } from '../errors.ts';
import type { Installation } from './installation.ts';
import type { Json } from './task-gate.ts';
import { runTask } from './tasks.service.ts';
import type { Answer } from './why/answer.ts';
import { NotThere, type Wanted } from './why/look-up.ts';

export { LAYERS } from './why/answer.ts';
export { modelName } from './why/filter-layer.ts';
export { ACTOR_KINDS, type ActorKind, actorKindOf } from './why/question.ts';
export { VERBS, type Verb } from './why/table-facts.ts';

/** Every table that can be asked about. */
export const TABLES = Object.keys(access).sort();

/**
 * Which layer lets an actor have a row, or does not. Every question is in the audit trail, answered or not.
 * @throws AppError 422 naming the field that is nobody's; `partner-silent` when the partner process does not answer.
 */
export async function askWhy(
  db: ScopedClient,
  { why }: Pick<Installation, 'why'>,
  wanted: Wanted & { readonly receipt?: string },
): Promise<Answer> {
  const { kind, marketId, actorId, table, row, verb, receipt } = wanted;
  await recordAudit(db, {
    ...{ action: 'support.why', subjectType: table },
    details: { kind, actorId, row, verb, marketId, ...(receipt ? { receipt } : {}) },
  });
  const question = await why.lookUp(db.scope, wanted).catch((error: unknown) => {
    if (error instanceof NotThere) throw invalid({ [error.field]: `why:missing.${error.field}` });
    throw error;
  });
  if (question.surface === 'admin') return why.answer(question);
  return (await runTask(db, 'why', question as unknown as Json)) as unknown as Answer;
}
