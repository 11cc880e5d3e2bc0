import type { Deps } from '../deps.ts';
import { createUploads } from '../images/uploads.ts';
import { IMPORT_JOB } from '../imports/imports.service.ts';
import { importJob } from './import.job.ts';

type JobDeps = Pick<Deps, 'database' | 'uploadsDir' | 'clock' | 'logger' | 'queue'>;

/** Begins to take the partner portal's jobs. @returns what ends it, gracefully. */
export async function startPartnerJobs({
  queue,
  uploadsDir,
  ...tools
}: JobDeps): Promise<() => Promise<void>> {
  await queue.start({ [IMPORT_JOB]: importJob({ ...tools, uploads: createUploads(uploadsDir) }) });
  return queue.stop;
}
