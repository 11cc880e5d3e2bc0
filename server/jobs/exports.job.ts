import { Writable } from 'node:stream';
import { z } from 'zod';
import { dayIn } from '../analytics/calendar.ts';
import type { Database, ScopedClient } from '../db/client.ts';
import { fileName, typeOf, writeFile } from '../exports/export-file.ts';
import type { ExportGate } from '../exports/export-gate.ts';
import { type FileRequest, spanOf } from '../exports/exports.input.ts';
import { findSchedule, type Schedule } from '../exports/schedules.queries.ts';
import { noteSending } from '../exports/schedules.service.ts';
import { UUID } from '../http/ids.ts';
import type { Attachment, Mailer } from '../mail/mailer.ts';
import { jobActor, jobClient } from './job-scope.ts';
import type { JobLog } from './log.ts';
import { type JobHandler, JobInterrupted, type Queue } from './queue.ts';

/** Looks which files are due. */
export const EXPORTS_JOB = 'exports.due';
/** Makes and sends one. */
export const EXPORT_JOB = 'exports.send';

/** Larger files are not attached: mail servers refuse them. The letter then leads to the page that has them. */
const LARGEST_ATTACHMENT = 5_000_000;

interface ExportTools {
  readonly database: Database;
  readonly exports: ExportGate;
  readonly queue: Pick<Queue, 'add'>;
  readonly mailer: Pick<Mailer, 'send'>;
  readonly publicUrl: string;
  readonly clock: () => Date;
  readonly logger: JobLog;
}

/** Places a job for each schedule that is due, one a schedule however often this runs. */
export function dueExportsJob({
  exports,
  queue,
  clock,
}: Pick<ExportTools, 'exports' | 'queue' | 'clock'>): JobHandler {
  return async () => {
    for (const due of await exports.due(clock())) {
      await queue.add(EXPORT_JOB, due, `${EXPORT_JOB}:${due.scheduleId}`);
    }
  };
}

const payloadSchema = jobActor.extend({ scheduleId: z.string().regex(UUID) });

/**
 * Makes a file under the scope of the member who asked for it and sends it to that member. At least once: a process
 * that dies between the mail and the note sends it again.
 */
export function exportJob(tools: ExportTools): JobHandler {
  const { database, clock, logger } = tools;
  return async (payload, { isLastAttempt, signal }) => {
    const read = payloadSchema.safeParse(payload);
    if (!read.success) return logger.warn({}, 'export job with a payload that is none');
    const { scheduleId } = read.data;
    const db = await jobClient(database, read.data, scheduleId);
    if (!db) return logger.info({ scheduleId }, 'export job of somebody who may not export');
    const schedule = await findSchedule(db, scheduleId);
    const now = clock();
    if (!schedule || schedule.nextAt > now || schedule.member.id !== read.data.memberId) return;
    if (signal.aborted) throw new JobInterrupted();
    const market = (await db.market.findFirst({
      select: { slug: true, timeZone: true, nameEn: true, nameAr: true },
    }))!;
    const note = (failure: string | null) =>
      noteSending(db, schedule, { timeZone: market.timeZone, now, failure });
    try {
      await sendSchedule(tools, db, schedule, market, now);
      await note(null);
    } catch (error) {
      if (isLastAttempt) await note('mail');
      throw error;
    }
  };
}

async function sendSchedule(
  { database, mailer, publicUrl }: ExportTools,
  db: ScopedClient,
  { subject, format, cadence, member }: Schedule,
  market: { slug: string; timeZone: string; nameEn: string; nameAr: string },
  now: Date,
): Promise<void> {
  const wanted: FileRequest = { subject, format, ...spanOf(cadence, dayIn(market.timeZone, now)) };
  const found = await db.teamMember.findFirst({ where: { id: member.id }, select: { locale: true } });
  const attachment = await attach(database, db, market, wanted);
  const locale = found?.locale ?? 'en';
  await mailer.send({
    ...{ to: member.email, locale, letter: attachment ? 'export' : 'largeExport' },
    values: {
      market: locale === 'ar' ? market.nameAr : market.nameEn,
      subject,
      from: wanted.from,
      to: wanted.to,
    },
    link: `${publicUrl}/exports?${new URLSearchParams({ subject, format, from: wanted.from, to: wanted.to })}`,
    ...(attachment ? { attachments: [attachment] } : {}),
  });
}

/** The file, or null once it turns out larger than a mail can carry: no more of it than that is ever held. */
async function attach(
  database: Database,
  db: ScopedClient,
  market: { slug: string; timeZone: string },
  wanted: FileRequest,
): Promise<Attachment | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > LARGEST_ATTACHMENT) return done(new TooLarge());
      chunks.push(chunk);
      done();
    },
  });
  try {
    await writeFile(database.direct(db.scope), market.timeZone, wanted, out);
  } catch (error) {
    if (error instanceof TooLarge) return null;
    throw error;
  }
  const content = Buffer.concat(chunks).toString('base64');
  return { filename: fileName(market.slug, wanted), contentType: typeOf[wanted.format], content };
}

class TooLarge extends Error {}
