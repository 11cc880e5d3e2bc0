import type { Gate } from '../auth/gate.ts';
import { visitorScope } from '../market/scope.ts';
import type { AddCounts } from './intake-counts.ts';

/**
 * What concerns events but no market's scope may do: keeping months, finding whose turn it is, and counting what came
 * in, which is not for whoever sends events to write. Nothing else of the gate is within reach here.
 */
export interface EventGate {
  readonly addCounts: AddCounts;
  /** Makes the months around now, drops those past `kept` months. @returns what changed, dropped ones with a minus. */
  keepMonths(kept: number): Promise<string[]>;
  /** Markets with something to count, those that wait longest first. */
  waitingMarkets(): Promise<string[]>;
  /** Whether there is any such market. */
  isRollupDue(): Promise<boolean>;
  /** Markets that have figures. */
  rolledUpMarkets(): Promise<string[]>;
  /** Publishes a closed month (`2026-10-01`), once. @returns how many values it has; 0 if it can't be, or has been. */
  publishBenchmarks(month: string): Promise<number>;
}

export function createEventGate(gate: Pick<Gate, 'as' | 'query'>): EventGate {
  const ids = async (text: string) => (await gate.query<{ id: string }>(text)).map(({ id }) => id);
  return {
    addCounts: (marketId, counts) => addCounts(gate, marketId, counts),
    keepMonths: async (kept) => {
      const text = 'select app.keep_event_partitions(1, 3, $1) as changed';
      return (await gate.query<{ changed: string[] }>(text, [kept]))[0]!.changed;
    },
    waitingMarkets: () =>
      ids('select market_id as id from rollup_task group by market_id order by min(queued_at)'),
    isRollupDue: async () => {
      const rows = await gate.query<{ due: boolean }>(
        'select exists (select market_id from rollup_task) as due',
      );
      return rows[0]!.due;
    },
    rolledUpMarkets: () => ids('select market_id as id from rollup_state order by market_id'),
    publishBenchmarks: async (month) => {
      const text = 'select app.publish_benchmarks($1) as published';
      return (await gate.query<{ published: number }>(text, [month]))[0]!.published;
    },
  };
}

const ADD = `
  insert into event_intake as known (market_id, day, outcome, events)
  select $1, day, outcome, events from unnest($2::date[], $3::text[], $4::int[]) as news (day, outcome, events)
  order by day, outcome
  on conflict (market_id, day, outcome) do update set events = known.events + excluded.events`;

async function addCounts(
  gate: Pick<Gate, 'as'>,
  marketId: string,
  counts: Parameters<AddCounts>[1],
): Promise<boolean> {
  const scope = visitorScope(marketId, 'intake');
  const days = counts.map(({ day }) => day);
  const outcomes = counts.map(({ outcome }) => outcome);
  const events = counts.map(({ events: number }) => number);
  try {
    await gate.as(scope, (query) => query(ADD, [marketId, days, outcomes, events]));
    return true;
  } catch (error) {
    // The policy: the market is no longer active.
    if ((error as { code?: unknown }).code === '42501') return false;
    throw error;
  }
}
