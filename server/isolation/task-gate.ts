import type { Gate } from '../auth/gate.ts';

export type TaskKind = 'probe' | 'why' | 'layers';
export type TaskPlace = 'partner' | 'admin';
/** A value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export interface Task {
  readonly id: string;
  readonly kind: TaskKind;
  readonly input: unknown;
}

export interface Answered {
  readonly state: 'done' | 'failed';
  readonly result: Json;
}

/** Tasks as the process that runs them sees them: over its gate, because they are of no scope. */
export interface TaskGate {
  /** Takes the oldest one that waits here, so that no other process of this portal takes it too. */
  claim(by: string): Promise<Task | null>;
  finish(id: string, result: Json): Promise<void>;
  fail(id: string, error: string): Promise<void>;
  /** Ends what nobody will finish any more, and drops what is a day old; questions about layers sooner. */
  sweep(): Promise<void>;
  /** Asks the admin process, from the partner's. */
  ask(id: string, kind: 'layers', input: Json): Promise<void>;
  /** What came of that; null while it waits or runs. */
  answer(id: string): Promise<Answered | null>;
}

const CLAIM = `
  update isolation_task set state = 'running', started_at = current_timestamp, claimed_by = $2
  where id = (
    select id from isolation_task where runs_on = $1 and state = 'queued'
    order by created_at limit 1 for update skip locked
  ) returning id, kind, input`;

const ABANDON = `
  update isolation_task set state = 'failed', error = 'nobody finished it', finished_at = current_timestamp
  where runs_on = $1 and state in ('queued', 'running') and created_at < current_timestamp - interval '5 minutes'`;

// A question about layers holds a filter of somebody's request: it goes as soon as nobody can be waiting any more.
const DROP = `
  delete from isolation_task where runs_on = $1 and created_at <
    current_timestamp - case kind when 'layers' then interval '5 minutes' else interval '1 day' end`;

const LONGEST_ERROR = 500;

export function createTaskGate({ query }: Pick<Gate, 'query'>, place: TaskPlace): TaskGate {
  const end = (id: string, state: 'done' | 'failed', result: string | null, error: string | null) =>
    query(
      `update isolation_task set state = $2, result = $3, error = $4, finished_at = current_timestamp where id = $1`,
      [id, state, result, error],
    );
  return {
    claim: async (by) => (await query<Task>(CLAIM, [place, by]))[0] ?? null,
    finish: async (id, result) => void (await end(id, 'done', JSON.stringify(result), null)),
    fail: async (id, error) => void (await end(id, 'failed', null, error.slice(0, LONGEST_ERROR))),
    sweep: async () => {
      await query(ABANDON, [place]);
      await query(DROP, [place]);
    },
    ask: async (id, kind, input) => {
      await query(`insert into isolation_task (id, kind, runs_on, input) values ($1, $2, 'admin', $3)`, [
        ...[id, kind],
        JSON.stringify(input),
      ]);
    },
    answer: async (id) => {
      const [row] = await query<Answered>(
        `select state, result from isolation_task where id = $1 and state in ('done', 'failed')`,
        [id],
      );
      return row ?? null;
    },
  };
}
