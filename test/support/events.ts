import type pg from 'pg';
import { v7 } from 'uuid';
import type { Direct } from '../../server/db/direct.ts';
import { sql } from '../../server/db/direct.ts';

/** The id of an event of this instant, in milliseconds. */
export const eventId = (at: number): string => v7({ msecs: at });

export interface TestEvent {
  readonly id: string;
  readonly at: number;
  readonly offer: string;
  readonly branch: string | null;
  readonly kind: 'view' | 'claim' | 'redeem';
  readonly visitor: string | null;
}

/** Writes events past every policy, as a trigger or an intake of any time would have left them. */
export async function insertEvents(
  client: pg.ClientBase,
  marketId: string,
  events: readonly TestEvent[],
): Promise<void> {
  await client.query(
    `insert into offer_event (market_id, id, offer_id, branch_id, kind, occurred_at, visitor)
     select $1, id, offer, branch, kind, app.uuid_time(id), visitor
     from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[]) as e(id, offer, branch, kind, visitor)`,
    [
      marketId,
      ...(['id', 'offer', 'branch', 'kind', 'visitor'] as const).map((key) =>
        events.map((event) => event[key]),
      ),
    ],
  );
}

/** Rolls up until nothing waits. @returns how many tasks that took. */
export async function rollUp(direct: Direct, days = 5): Promise<number> {
  for (let total = 0; ; ) {
    const [row] = await direct.rows<{ taken: number }>(sql`select app.roll_up(${days}) as taken`);
    if (row!.taken === 0) return total;
    total += row!.taken;
  }
}

/** Figures as lines, `day kind offer branch events` and `day kind hour events`. */
export type Figures = string[];

const NIL = '00000000-0000-0000-0000-000000000000';

export async function rolledFigures(client: pg.ClientBase, marketId: string): Promise<Figures> {
  const { rows } = await client.query<{ line: string }>(
    `select concat_ws(' ', day, kind, offer_id, branch_id, events) as line from event_day where market_id = $1
     union all select concat_ws(' ', day, kind, hour, events) from event_hour where market_id = $1`,
    [marketId],
  );
  return rows.map(({ line }) => line).sort();
}

/** The same counted without the database: its rules told a second time. */
export function countedFigures(events: readonly TestEvent[], zone: string): Figures {
  const clock = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', hourCycle: 'h23' },
  });
  const figures = new Map<string, number>();
  const add = (line: string) => figures.set(line, (figures.get(line) ?? 0) + 1);
  const seen = new Set<string>();
  for (const { at, offer, branch, kind, visitor } of [...events].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
    const day = `${parts.year}-${parts.month}-${parts.day}`;
    if (kind === 'view' && visitor) {
      const turn = `${day} ${offer} ${visitor} ${Math.floor(at / 1_800_000)}`;
      if (seen.has(turn)) continue;
      seen.add(turn);
    }
    add(`${day} ${kind} ${offer} ${branch ?? NIL}`);
    add(`${day} ${kind} ${Number(parts.hour)}`);
  }
  return [...figures].map(([line, events]) => `${line} ${events}`).sort();
}
