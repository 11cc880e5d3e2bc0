const HOUR = 3_600_000;
const PER_HOUR = 30;
/** So many chains are told apart at a time; whoever comes after that shares one budget. */
const MOST_KEYS = 2_000;
const OTHERS = '';

interface Window {
  readonly endsAt: number;
  used: number;
  more: number;
  tell: (more: number) => void;
}

/** What may still be written of a kind in this hour; what may not is counted. */
export interface Budget {
  /** @returns whether to write this one. `tell` is called once behind the hour, with how many were not written. */
  take(key: string, tell: (more: number) => void): boolean;
  /** Tells what was counted until now. */
  close(): void;
}

export function createBudget({
  clock,
  perHour = PER_HOUR,
}: {
  readonly clock: () => Date;
  readonly perHour?: number;
}): Budget {
  const windows = new Map<string, Window>();
  const settle = (now: number) => {
    for (const [key, window] of windows) {
      if (window.endsAt > now) continue;
      windows.delete(key);
      if (window.more > 0) window.tell(window.more);
    }
  };
  const timer = setInterval(() => settle(clock().getTime()), HOUR / 12);
  timer.unref();
  return {
    take: (asked, tell) => {
      const now = clock().getTime();
      settle(now);
      const key = windows.has(asked) || windows.size < MOST_KEYS ? asked : OTHERS;
      const window = windows.get(key) ?? { endsAt: now + HOUR, used: 0, more: 0, tell };
      windows.set(key, window);
      if (window.used < perHour) {
        window.used++;
        return true;
      }
      window.more++;
      window.tell = tell;
      return false;
    },
    close: () => {
      clearInterval(timer);
      settle(Number.POSITIVE_INFINITY);
    },
  };
}
