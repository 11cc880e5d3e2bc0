import { v7 as uuid } from 'uuid';
import type { Gate, Query } from '../auth/gate.ts';
import { type ProbeResult, summaryOf } from './probe/round.ts';

/** Where rounds that a command made are kept: over the gate, because nobody of staff is behind them. */
export interface ProbeGate {
  /** @returns the round's id. Old rounds of commands go: a cron job makes one every few minutes, for ever. */
  keep(result: ProbeResult): Promise<string>;
}

const INSERT = `
  insert into isolation_probe (id, source, attacks, breaches, duration_ms, result) values ($1, 'command', $2, $3, $4, $5)`;

// What a policy says as well; who deletes says it for itself.
const DROP = `
  delete from isolation_probe where source = 'command' and at < current_timestamp - interval '90 days'`;

/** Writes down in the platform's trail that a round was made, in the same transaction. */
export type NoteRound = (query: Query, id: string, details: object) => Promise<void>;

export function createProbeGate({ as }: Pick<Gate, 'as'>, note: NoteRound): ProbeGate {
  return {
    keep: (result) =>
      as(null, async (query) => {
        const id = uuid();
        const { attacks, breaches, durationMs } = summaryOf(result);
        await query(DROP);
        await query(INSERT, [id, attacks, breaches, durationMs, JSON.stringify(result)]);
        await note(query, id, { attacks, breaches });
        return id;
      }),
  };
}
