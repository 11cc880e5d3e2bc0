import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { AppError } from '../errors.ts';
import type { Json } from './task-gate.ts';

export interface RunTaskOptions {
  readonly timeoutMs?: number;
}

const LOOK_EVERY_MS = 100;

/**
 * Has the partner process do what it alone holds the keys for, and waits for the answer.
 * @throws AppError `partner-silent` (503) when no partner process answers in time, `task-failed` (502) when it could not.
 */
export async function runTask(
  db: ScopedClient,
  kind: 'probe' | 'why',
  input: Json,
  { timeoutMs = 30_000 }: RunTaskOptions = {},
): Promise<Json> {
  const { id } = await db.isolationTask.create({
    data: { kind, runsOn: 'partner', input: input as Prisma.InputJsonValue, staffUserId: db.scope.actor.id },
    select: { id: true },
  });
  for (const end = Date.now() + timeoutMs; Date.now() < end; await pause()) {
    const task = await db.isolationTask.findUnique({
      where: { id },
      select: { state: true, result: true, error: true },
    });
    if (task?.state === 'done') return task.result as Json;
    if (task?.state === 'failed') throw new AppError(502, 'task-failed', { cause: task.error });
  }
  throw new AppError(503, 'partner-silent', { retryAfterSeconds: 5 });
}

const pause = () => new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
