import type { ScopedClient } from '../db/client.ts';
import { weekdayOf } from './calendar.ts';
import type { Kind } from './figures.ts';
import type { Range } from './range.ts';

/** Of an average Sunday (row 0) to Saturday (row 6), by hour of the market's own clock. */
export type WeekHours = readonly (readonly number[])[];

/** How many events an hour of each weekday has on average, over the range's days. */
export async function weekHours(db: ScopedClient, { from, to, days }: Range, kind: Kind): Promise<WeekHours> {
  const rows = await db.$queryRaw<{ weekday: number; hour: number; count: number }[]>`
    select extract(dow from day)::int as weekday, hour::int as hour, sum(events)::int as count
    from event_hour
    where market_id = ${db.scope.marketId}::uuid and day between ${from}::date and ${to}::date and kind = ${kind}
    group by 1, 2`;
  const total = new Map(rows.map(({ weekday, hour, count }) => [weekday * 24 + hour, count]));
  const occurrences = Array.from(
    { length: 7 },
    (_, weekday) => days.filter((day) => weekdayOf(day) === weekday).length,
  );
  return occurrences.map((times, weekday) =>
    Array.from({ length: 24 }, (_, hour) =>
      times === 0 ? 0 : (total.get(weekday * 24 + hour) ?? 0) / times,
    ),
  );
}
