import type { Outcome } from './intake-batch.ts';

/** `failed`: refused for lack of room or by the database, and to be sent again. */
export type CountedOutcome = Outcome | 'bot' | 'failed';

/** What became of a market's events on a day (UTC, `2026-11-23`). */
export interface IntakeCount {
  readonly day: string;
  readonly outcome: CountedOutcome;
  readonly events: number;
}

/** Adds to a market's counts. @returns false when the market takes none any more: it is not active. */
export type AddCounts = (marketId: string, counts: readonly IntakeCount[]) => Promise<boolean>;

export interface IntakeCounts {
  add(marketId: string, outcome: CountedOutcome, events: number): void;
  /** Writes down what was counted since. What could not be written is kept for the next time. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface IntakeCountsOptions {
  readonly store: AddCounts;
  readonly clock: () => Date;
  readonly onError: (error: unknown) => void;
  /** Between two flushes; 0 leaves them to the caller. */
  readonly flushMilliseconds?: number;
}

/**
 * Counts in memory and writes every few seconds: the health of the intake is worth no write a request. A process that
 * is killed takes at most that much with it, and no event.
 */
export function createIntakeCounts({ store, clock, onError, ...options }: IntakeCountsOptions): IntakeCounts {
  const { flushMilliseconds = 5_000 } = options;
  let counters = new Map<string, Map<string, number>>();
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> = Promise.resolve();

  const count = (marketId: string, key: string, events: number) => {
    const market = counters.get(marketId) ?? new Map<string, number>();
    market.set(key, (market.get(key) ?? 0) + events);
    counters.set(marketId, market);
  };
  const flushAll = async () => {
    const taken = counters;
    counters = new Map();
    for (const [marketId, market] of taken) {
      try {
        await store(marketId, [...market].map(readCount));
      } catch (error) {
        for (const [key, events] of market) count(marketId, key, events);
        onError(error);
      }
    }
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    flushing = flushing.then(flushAll);
    return flushing;
  };
  return {
    add: (marketId, outcome, events) => {
      if (events === 0) return;
      count(marketId, `${clock().toISOString().slice(0, 10)}|${outcome}`, events);
      if (!timer && flushMilliseconds > 0) timer = setTimeout(flush, flushMilliseconds).unref();
    },
    flush,
    close: flush,
  };
}

function readCount([key, events]: [string, number]): IntakeCount {
  const [day, outcome] = key.split('|') as [string, CountedOutcome];
  return { day, outcome, events };
}
