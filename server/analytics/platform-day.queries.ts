import type { ScopedClient } from '../db/client.ts';
import { dayIn } from './calendar.ts';

/** The zone of the platform's own calendar, while no market has one. */
const PLATFORM_TIME_ZONE = 'Asia/Riyadh';

/**
 * The day that it is where it is earliest: every day before it is over in all markets, whose figures are counted by
 * their own calendars. Needs a staff scope.
 */
export async function platformToday(db: ScopedClient, now: Date): Promise<string> {
  const zones = await db.market.findMany({ distinct: ['timeZone'], select: { timeZone: true } });
  const days = zones.map(({ timeZone }) => dayIn(timeZone, now));
  return days.sort()[0] ?? dayIn(PLATFORM_TIME_ZONE, now);
}
