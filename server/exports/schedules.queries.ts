import type { ScopedClient } from '../db/client.ts';
import type { Cadence, Format, Subject } from './exports.input.ts';

export interface Schedule {
  readonly id: string;
  readonly subject: Subject;
  readonly format: Format;
  readonly cadence: Cadence;
  readonly createdAt: Date;
  readonly nextAt: Date;
  readonly sentAt: Date | null;
  /** Why the last sending failed: `mail` or `internal`; null when it did not. */
  readonly failure: string | null;
  readonly member: { readonly id: string; readonly name: string; readonly email: string };
}

const select = {
  ...{ id: true, subject: true, format: true, cadence: true, createdAt: true, nextAt: true },
  ...{ sentAt: true, failure: true, member: { select: { id: true, name: true, email: true } } },
} as const;

/** All of the market's, in the order in which they were made: there are few. */
export async function listSchedules(db: ScopedClient): Promise<Schedule[]> {
  const rows = await db.exportSchedule.findMany({ select, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });
  return rows as Schedule[];
}

export async function findSchedule(db: ScopedClient, id: string): Promise<Schedule | null> {
  return (await db.exportSchedule.findFirst({ where: { id }, select })) as Schedule | null;
}
