import { z } from 'zod';
import { type Direct, sql } from '../db/direct.ts';

/** What a till says of itself at a token, a pull or a push. */
export const tillState = z.object({
  appVersion: z.string().max(40).optional(),
  queueDepth: z.int().min(0).max(1_000_000).optional(),
  clock: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: "The device's clock as it sends this" }),
});
export type TillState = z.output<typeof tillState>;

/** Beyond this a clock is no clock: 285,000 years either way. */
const MOST_SKEW = 9_000_000_000_000_000;

/** The device's clock minus ours, in milliseconds. */
export const skewOf = (clock: number, now: Date): number =>
  Math.max(-MOST_SKEW, Math.min(MOST_SKEW, Math.round(clock - now.getTime())));

/**
 * Notes what a till says of itself. A till that says nothing new is written once a minute at most, so that tills which
 * pull all day cost few writes.
 */
export async function noteState(direct: Direct, state: TillState, now: Date): Promise<void> {
  const { marketId, actor } = direct.scope;
  const [version, depth] = [state.appVersion ?? null, state.queueDepth ?? null];
  const skew = state.clock === undefined ? null : skewOf(Date.parse(state.clock), now);
  await direct.affected(sql`
    update device set last_seen_at = statement_timestamp(), app_version = coalesce(${version}::text, app_version),
      queue_depth = coalesce(${depth}::integer, queue_depth), clock_skew_ms = coalesce(${skew}::bigint, clock_skew_ms)
    where market_id = ${marketId} and id = ${actor.id}
      and (coalesce(last_seen_at < statement_timestamp() - interval '1 minute', true)
        or app_version <> ${version}::text or queue_depth <> ${depth}::integer)`);
}
