import { v7 as uuid } from 'uuid';
import { createDatabase, type Database, type DatabaseOptions } from '../../db/client.ts';
import type { Scope } from '../../market/scope.ts';
import type { Json, TaskGate } from '../task-gate.ts';
import type { Question } from './question.ts';
import { apart, isSame, type SeenRows, seenRows } from './seen-rows.ts';

/** Which layer was alone: row-level security, or the scoping of arguments. */
export type Layer = 'policies' | 'arguments';

export interface Difference {
  readonly layer: Layer;
  /** How many rows both layers together let through, and that one alone. */
  readonly both: number;
  readonly alone: number;
  readonly ids: readonly string[];
}

export interface Comparison {
  /** Which layers answered; the admin process may be away. */
  readonly compared: readonly Layer[];
  readonly differences: readonly Difference[];
}

export interface LayerParts {
  readonly database: Pick<Database, 'scoped'>;
  /** The same login and key, with arguments left as they are: row-level security alone. */
  readonly policiesAlone: Pick<Database, 'scoped'>;
  readonly tasks: Pick<TaskGate, 'ask' | 'answer'>;
  /** How long the admin process has for its answer, in milliseconds. */
  readonly patience?: number;
}

/** One connection, so that comparing can never take more than that from requests. */
export const createPoliciesAlone = (options: DatabaseOptions): Database =>
  createDatabase({
    ...{ ...options, poolSize: 1 },
    scoping: () => (_model, operation, args) => ({ operation, args }),
  });

const LOOK_EVERY_MS = 250;

/**
 * Asks the same question of both layers together, of row-level security alone here, and of the arguments' scoping alone in
 * the admin process, whose policies let staff see every market. Rows change meanwhile: a difference counts only if both
 * layers together say the same before and after it.
 */
export async function compareLayers(
  { database, policiesAlone, tasks, patience = 20_000 }: LayerParts,
  scope: Scope,
  question: Question,
): Promise<Comparison> {
  const both = await seenRows(database.scoped(scope), question);
  const answers: [Layer, SeenRows | null][] = [
    ['policies', await seenRows(policiesAlone.scoped(scope), question)],
    ['arguments', await askAdmin(tasks, { marketId: scope.marketId, ...question }, patience)],
  ];
  const compared = answers.flatMap(([layer, seen]) => (seen ? [layer] : []));
  const different = answers.flatMap(([layer, seen]) =>
    seen && !isSame(both, seen)
      ? [{ layer, both: both.count, alone: seen.count, ids: apart(both, seen) }]
      : [],
  );
  if (different.length === 0) return { compared, differences: [] };
  const stands = isSame(both, await seenRows(database.scoped(scope), question));
  return { compared, differences: stands ? different : [] };
}

/** Null when the admin process does not answer, or can't. */
async function askAdmin(
  tasks: LayerParts['tasks'],
  input: { readonly [name: string]: Json },
  patience: number,
): Promise<SeenRows | null> {
  const id = uuid();
  await tasks.ask(id, 'layers', input);
  for (const end = Date.now() + patience; Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const answer = await tasks.answer(id);
    if (answer) return answer.state === 'done' ? (answer.result as unknown as SeenRows) : null;
  }
  return null;
}
