import { setTimeout as pause } from 'node:timers/promises';
import { planLimitOf } from '../../server/plans/plan-limits.ts';

export const WRITERS = 50;
/** How often each limit is rushed; LIMIT_ROUNDS=50 for the whole proof, which takes minutes. */
export const ROUNDS = Number(process.env.LIMIT_ROUNDS ?? 5);

/** One way to add one thing. True when it was added, false when the limit refused it. */
export type Way = (turn: string) => Promise<boolean>;

const BUSY = new Set(['busy', 'changed-meanwhile']);

/** Goes on until it is told something: a pool that is full, or a row that others wait for, is no answer. */
async function insist(way: Way, turn: string): Promise<boolean> {
  for (let tries = 0; ; tries++) {
    try {
      return await way(turn);
    } catch (error) {
      const { code, status } = error as { code?: string; status?: number };
      if ((!BUSY.has(String(code)) && status !== 503 && code !== '40P01') || tries > 200) throw error;
      await pause(20 + Math.random() * 80);
    }
  }
}

/** All at once, by turns in every way. @returns how many got in. */
export async function rush(ways: readonly Way[], round: number): Promise<number> {
  const writers = Array.from({ length: WRITERS }, (_, n) => insist(ways[n % ways.length]!, `${round}-${n}`));
  return (await Promise.all(writers)).filter(Boolean).length;
}

/** Runs a write of which a plan's limit may be the only refusal. */
export async function within(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (planLimitOf(error)) return false;
    throw error;
  }
}
