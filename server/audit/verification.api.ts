import { z } from 'zod';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { lastChecks } from './verification.queries.ts';

const finding = z.object({
  ...{ chain: z.string(), kind: z.string(), seq: z.number().nullable(), entryId: z.string().nullable() },
  words: z.string(),
});
const check = z.object({
  ...{ id, startedAt: instant, finishedAt: instant, chains: z.number(), entries: z.number() },
  findings: z.array(finding),
});

/** What verifications have found: for a monitor. */
export function verificationAdminOperations(): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/audit/verifications', tag: 'Audit', summary: 'Verifications of the trail' },
      response: z.object({ rows: z.array(check) }),
      handler: async (db) => {
        const { checks } = await lastChecks(db);
        const rows = checks.map(({ id, startedAt, finishedAt, chains, entries, findings }) => ({
          ...{ id, startedAt, finishedAt, chains, entries, findings },
        }));
        return { rows };
      },
    }),
  ];
}
