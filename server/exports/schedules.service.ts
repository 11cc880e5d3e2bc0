import { v7 as uuid } from 'uuid';
import { recordAudit, recordAudits } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { oneByOne } from '../db/one-by-one.ts';
import { conflict, notFound } from '../errors.ts';
import type { Cadence, ScheduleInput } from './exports.input.ts';
import { nextSending } from './sending-time.ts';

/** Files that one market has itself sent. */
export const MOST_SCHEDULES = 20;

/** Has a file sent to the member who asks, from the next due time on. @throws AppError 409 `too-many-schedules` */
export function createSchedule(
  db: ScopedClient,
  input: ScheduleInput,
  timeZone: string,
  now: Date,
): Promise<string> {
  return oneByOne(db, async (tx) => {
    const id = uuid();
    const nextAt = nextSending(input.cadence, timeZone, now);
    await tx.exportSchedule.createMany({ data: [{ id, ...input, memberId: tx.scope.actor.id, nextAt }] });
    if ((await tx.exportSchedule.count()) > MOST_SCHEDULES)
      throw conflict('too-many-schedules', { count: MOST_SCHEDULES });
    await recordAudit(tx, {
      ...{ action: 'export.schedule', subjectType: 'export', subjectId: id, details: { ...input } },
      after: { ...input, nextAt },
    });
    return id;
  });
}

/** @throws AppError 404 */
export function removeSchedule(db: ScopedClient, id: string): Promise<void> {
  return db.$transaction(async (tx) => {
    const before = await tx.exportSchedule.findFirst({ where: { id }, select: SCHEDULED });
    const { count } = await tx.exportSchedule.deleteMany({ where: { id } });
    if (count === 0) throw notFound();
    await recordAudit(tx, { action: 'export.unschedule', subjectType: 'export', subjectId: id, before });
  });
}

/** What a member had sent ends with their part in the market: call it in the transaction that ends that. */
export async function removeSchedulesOf(tx: ScopedClient, memberId: string): Promise<void> {
  const gone = await tx.exportSchedule.findMany({ where: { memberId }, select: { id: true, ...SCHEDULED } });
  await tx.exportSchedule.deleteMany({ where: { memberId } });
  await recordAudits(
    tx,
    gone.map(({ id, ...before }) => ({
      ...{ action: 'export.unschedule', subjectType: 'export', subjectId: id, before },
      details: { member: memberId },
    })),
  );
}

/** What the trail tells of one. */
const SCHEDULED = { subject: true, format: true, cadence: true } as const;

/** Notes a sending, or why there was none, and when the next is due; a schedule that has moved on stays as it is. */
export async function noteSending(
  db: ScopedClient,
  schedule: { readonly id: string; readonly cadence: Cadence; readonly nextAt: Date },
  outcome: { readonly timeZone: string; readonly now: Date; readonly failure: string | null },
): Promise<void> {
  const { now, failure, timeZone } = outcome;
  await db.$transaction(async (tx) => {
    const nextAt = nextSending(schedule.cadence, timeZone, now);
    const { count } = await tx.exportSchedule.updateMany({
      where: { id: schedule.id, nextAt: schedule.nextAt },
      data: { nextAt, failure, ...(failure === null ? { sentAt: now } : {}) },
    });
    if (count === 0) return;
    await recordAudit(tx, {
      ...{ action: failure === null ? 'export.send' : 'export.fail', subjectType: 'export' },
      ...{ subjectId: schedule.id, before: { nextAt: schedule.nextAt }, after: { nextAt } },
      details: failure === null ? {} : { failure },
    });
  });
}
