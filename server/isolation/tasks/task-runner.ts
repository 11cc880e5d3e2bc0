import { hostname } from 'node:os';
import type { Json, Task, TaskGate, TaskKind } from '../task-gate.ts';

/** What a process can be asked to do. A handler checks its input itself: it comes from another process. */
export type TaskHandlers = Partial<Record<TaskKind, (input: unknown) => Promise<Json>>>;

interface Log {
  warn(details: object, message: string): void;
}

export interface TaskRunnerOptions {
  readonly gate: TaskGate;
  readonly handlers: TaskHandlers;
  readonly logger: Log;
  /** How often it looks, in milliseconds. */
  readonly interval?: number;
}

const SWEEP_EVERY = 60;

/** Looks for tasks of this process, one after the other. @returns what ends it, when the running one is done. */
export function startTasks({
  gate,
  handlers,
  logger,
  interval = 1_000,
}: TaskRunnerOptions): () => Promise<void> {
  const by = `${hostname()}:${process.pid}`;
  let isStopping = false;
  let timer: NodeJS.Timeout;
  let rounds = 0;
  const round = async () => {
    try {
      if (rounds++ % SWEEP_EVERY === 0) await gate.sweep();
      for (let task = await gate.claim(by); task && !isStopping; task = await gate.claim(by)) {
        await runOne(task, { gate, handlers });
      }
    } catch (error) {
      logger.warn({ err: error }, 'tasks of the isolation page wait');
    }
  };
  let running: Promise<void> = Promise.resolve();
  const next = () => {
    running = round().then(() => {
      if (!isStopping) timer = setTimeout(next, interval).unref();
    });
  };
  next();
  return async () => {
    isStopping = true;
    clearTimeout(timer);
    await running;
  };
}

async function runOne(
  { id, kind, input }: Task,
  { gate, handlers }: Pick<TaskRunnerOptions, 'gate' | 'handlers'>,
) {
  const handler = handlers[kind];
  if (!handler) return gate.fail(id, `this process has no answer to "${kind}"`);
  try {
    await gate.finish(id, await handler(input));
  } catch (error) {
    await gate.fail(id, error instanceof Error ? error.message : String(error));
  }
}
