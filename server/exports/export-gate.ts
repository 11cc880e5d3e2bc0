import type { Gate } from '../auth/gate.ts';

export interface DueSchedule {
  readonly marketId: string;
  readonly memberId: string;
  readonly scheduleId: string;
}

/** Which files are due, in all markets: ids alone. Each is then made under the scope of the member who asked for it. */
export interface ExportGate {
  due(now: Date): Promise<DueSchedule[]>;
}

export function createExportGate(gate: Pick<Gate, 'query'>): ExportGate {
  return {
    due: (now) =>
      gate.query<DueSchedule>(
        `select market_id as "marketId", member_id as "memberId", id as "scheduleId"
         from export_schedule where next_at <= $1 order by next_at`,
        [now],
      ),
  };
}
