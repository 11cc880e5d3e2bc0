import type { ScopedClient } from '../../db/client.ts';
import { asksRowAlone, fromJson, type Question, readerOf } from './question.ts';

/** What a filter lets through: how many rows, and the newest of them by id. Never what they hold. */
export interface SeenRows {
  readonly count: number;
  readonly ids: readonly string[];
}

/** Enough to notice a foreign row among the newest; the count notices the others. */
const MOST_IDS = 200;
const MOST_COUNTED = 5_000;

/** @throws RangeError for a question that is none. */
export async function seenRows(db: ScopedClient, { model, where }: Question): Promise<SeenRows> {
  const reader = readerOf(db, model);
  if (!asksRowAlone(reader.fields, where)) throw new RangeError('A filter may look at the row alone');
  const filter = fromJson(where);
  const rows = await reader.findMany({
    where: filter,
    orderBy: { id: 'desc' },
    take: MOST_IDS,
    select: { id: true },
  });
  const count =
    rows.length < MOST_IDS ? rows.length : await reader.count({ where: filter, take: MOST_COUNTED });
  return { count, ids: rows.map(({ id }) => id) };
}

export const isSame = (one: SeenRows, other: SeenRows): boolean =>
  one.count === other.count && one.ids.join() === other.ids.join();

/** Up to five ids that one of the two has and the other has not. */
export function apart(one: SeenRows, other: SeenRows): string[] {
  const missing = (from: SeenRows, { ids }: SeenRows) => {
    const there = new Set(ids);
    return from.ids.filter((id) => !there.has(id));
  };
  return [...missing(one, other), ...missing(other, one)].slice(0, 5);
}
