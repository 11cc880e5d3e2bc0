import type { ScopedClient } from '../db/client.ts';

const SHOWN = 100;

/** A market's own limits, past and coming ones too, newest first: the history of them. Needs a staff scope. */
export async function listOverrides(db: ScopedClient, marketId: string) {
  const rows = await db.limitOverride.findMany({
    where: { marketId },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: SHOWN,
  });
  const ids = [...new Set(rows.map(({ createdBy }) => createdBy))];
  const staff = await db.staffUser.findMany({ where: { id: { in: ids } }, select: { id: true, name: true } });
  const names = new Map(staff.map(({ id, name }) => [id, name]));
  return rows.map((row) => ({ ...row, createdByName: names.get(row.createdBy) ?? '' }));
}

export type OverrideRow = Awaited<ReturnType<typeof listOverrides>>[number];

export const OVERRIDE_STATES = ['coming', 'in-force', 'replaced', 'over'] as const;
export type OverrideState = (typeof OVERRIDE_STATES)[number];

/** Where each of a market's own limits stands at a time; of those of one name in force the newest counts. */
export function overrideStates(rows: readonly OverrideRow[], now: Date): OverrideState[] {
  const seen = new Set<string>();
  return rows.map(({ name, startsAt, endsAt }) => {
    if (endsAt && endsAt <= now) return 'over';
    if (startsAt > now) return 'coming';
    if (seen.has(name)) return 'replaced';
    seen.add(name);
    return 'in-force';
  });
}
