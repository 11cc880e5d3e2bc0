import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { UUID } from '../http/ids.ts';
import type { Uploads } from '../images/uploads.ts';
import { FileRefused } from '../imports/csv/csv-format.ts';
import { failImport, runImport } from '../imports/run-import.ts';
import { jobActor, jobClient } from './job-scope.ts';
import type { JobLog } from './log.ts';
import { type JobHandler, JobInterrupted } from './queue.ts';

interface ImportJobTools {
  readonly database: Database;
  readonly uploads: Uploads;
  readonly clock: () => Date;
  readonly logger: JobLog;
}

const payloadSchema = jobActor.extend({ importId: z.string().regex(UUID) });

/** Brings a checked product file in as draft offers. */
export function importJob({ database, uploads, clock, logger }: ImportJobTools): JobHandler {
  return async (payload, { isLastAttempt, signal }) => {
    const read = payloadSchema.safeParse(payload);
    if (!read.success) return logger.warn({}, 'import job with a payload that is none');
    const { importId } = read.data;
    const db = await jobClient(database, read.data, importId);
    if (!db) return logger.info({ importId }, 'import job of somebody who may not import');
    const mayGoOn = async () => {
      if (signal.aborted) throw new JobInterrupted();
      // Asked anew: somebody who is removed, or a market that is suspended, writes no further chunk.
      return (await jobClient(database, read.data, importId)) !== null;
    };
    const tools = { uploads, clock, mayGoOn };
    try {
      await runImport(db, tools, importId);
    } catch (error) {
      if (error instanceof JobInterrupted) throw error;
      if (error instanceof FileRefused) return failImport(db, tools, importId, 'file');
      if (isLastAttempt) await failImport(db, tools, importId, 'internal');
      throw error;
    }
  };
}
