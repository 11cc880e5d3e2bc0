import { createHash } from 'node:crypto';
import type { Gate } from './gate.ts';

/** At most `points` within each window of `seconds`. */
export interface Limit {
  /** Appears in RateLimit headers and in the table. */
  readonly name: string;
  readonly points: number;
  readonly seconds: number;
}

/** Roomy: a mobile operator puts a whole town behind one address. */
export const REQUESTS: Limit = { name: 'requests', points: 1_200, seconds: 60 };

export interface Allowance {
  readonly limit: Limit;
  readonly exceeded: boolean;
  readonly remaining: number;
  /** Until the window ends and counting begins anew. */
  readonly seconds: number;
}

/** Counters of the public surface, in the table of the gate: all processes share them. */
export interface OpenLimits {
  /** What one key may ask for from one network. */
  readonly requests: Limit;
  /**
   * Counts here and tells the table about once a second, so that a read costs no write. Processes learn of each
   * other's count at that pace: together they let through at most a second's requests too many.
   */
  count(limit: Limit, who: string): Allowance;
  /** Whether the next one would be too many; counts nothing. */
  ask(limit: Limit, who: string): Allowance;
  /** Counts in the table, now: no more than the limit get through, however many processes are asked at once. */
  exact(limit: Limit, who: string): Promise<Allowance>;
  /** Tells the table what was counted here, and learns what others counted. */
  flush(): Promise<void>;
}

interface Counter {
  /** In the table when it was last asked, all processes together. */
  known: number;
  /** Counted here since. */
  fresh: number;
  /** On its way to the table. */
  sent: number;
  readonly ends: number;
}

export interface OpenLimitsOptions {
  readonly gate: Pick<Gate, 'query'>;
  readonly requests: Limit;
  readonly clock?: () => Date;
  readonly onError?: (error: Error) => void;
  /** Between two flushes; 0 leaves them to the caller. */
  readonly flushMilliseconds?: number;
}

/** More different callers than this within one window, and those counted first are forgotten. */
const MOST = 50_000;
const AT_ONCE = 5_000;

// In the order of their keys, so that two processes that tell of the same ones can't wait for each other.
const ADD = `
  insert into partner_throttle as counter (key, points, expire)
  select key, points, expire from unnest($1::text[], $2::int[], $3::bigint[]) as news (key, points, expire) order by key
  on conflict (key) do update set points = counter.points + excluded.points
  returning key, points`;

export function createOpenLimits(options: OpenLimitsOptions): OpenLimits {
  const { gate, requests, clock = () => new Date(), onError = () => {}, flushMilliseconds = 1_000 } = options;
  const counters = new Map<string, Counter>();
  let timer: NodeJS.Timeout | undefined;

  const flush = async () => {
    timer = undefined;
    forgetEnded(counters, clock().getTime());
    const news = [...counters].filter(([, { fresh }]) => fresh > 0);
    for (let at = 0; at < news.length; at += AT_ONCE) await tell(gate, news.slice(at, at + AT_ONCE));
  };
  const flushSoon = () => {
    if (timer || flushMilliseconds === 0) return;
    timer = setTimeout(() => void flush().catch(onError), flushMilliseconds);
    timer.unref();
  };

  const next = (limit: Limit, who: string) => {
    const { key, ends, seconds } = windowOf(limit, who, clock().getTime());
    const counter = counters.get(key) ?? { known: 0, fresh: 0, sent: 0, ends };
    const used = counter.known + counter.sent + counter.fresh + 1;
    return { key, counter, allowance: allowance(limit, used, seconds) };
  };

  return {
    requests,
    flush,
    ask: (limit, who) => next(limit, who).allowance,
    count: (limit, who) => {
      const { key, counter, allowance } = next(limit, who);
      // What is refused costs nothing more, neither here nor in the table.
      if (allowance.exceeded) return allowance;
      counter.fresh++;
      counters.set(key, counter);
      flushSoon();
      return allowance;
    },
    exact: async (limit, who) => {
      const { key, ends, seconds } = windowOf(limit, who, clock().getTime());
      const [row] = await gate.query<{ points: number }>(ADD, [[key], [1], [ends]]);
      return allowance(limit, row!.points, seconds);
    },
  };
}

async function tell(gate: Pick<Gate, 'query'>, news: [string, Counter][]): Promise<void> {
  for (const [, counter] of news) [counter.sent, counter.fresh] = [counter.fresh, 0];
  try {
    const [keys, points] = [news.map(([key]) => key), news.map(([, { sent }]) => sent)];
    const ends = news.map(([, counter]) => counter.ends);
    const rows = await gate.query<{ key: string; points: number }>(ADD, [keys, points, ends]);
    const known = new Map(rows.map((row) => [row.key, row.points]));
    for (const [key, counter] of news) [counter.known, counter.sent] = [known.get(key) ?? counter.known, 0];
  } catch (error) {
    for (const [, counter] of news) [counter.fresh, counter.sent] = [counter.fresh + counter.sent, 0];
    throw error;
  }
}

function forgetEnded(counters: Map<string, Counter>, now: number): void {
  let surplus = counters.size - MOST;
  for (const [key, { ends }] of counters) if (ends <= now || surplus-- > 0) counters.delete(key);
}

/** Every process cuts time at the same places, so a window's counter has the same name in all of them. */
function windowOf({ name, seconds }: Limit, who: string, now: number) {
  const length = seconds * 1_000;
  const index = Math.floor(now / length);
  const ends = (index + 1) * length;
  const short = who.length > 150 ? createHash('sha256').update(who).digest('hex') : who;
  return { key: `${name}:${short}:${index}`, ends, seconds: Math.max(1, Math.ceil((ends - now) / 1_000)) };
}

const allowance = (limit: Limit, used: number, seconds: number): Allowance => ({
  ...{ limit, seconds, exceeded: used > limit.points, remaining: Math.max(0, limit.points - used) },
});
