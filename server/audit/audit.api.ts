import { z } from 'zod';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { auditAdminList, auditList, platformAuditList } from './audit.input.ts';
import { listAudit, listPlatformAudit } from './audit.queries.ts';

const change = z.object({ before: z.unknown().optional(), after: z.unknown().optional() });
const what = {
  ...{ id, at: instant, action: z.string(), subjectType: z.string(), subjectId: z.string().nullable() },
  ...{ details: z.record(z.string(), z.unknown()), receipt: z.string(), onBehalfOf: z.string().nullable() },
  supportSessionId: id.nullable(),
  /** Each field that differs, before and after; secrets are masked. */
  changes: z.record(z.string(), change).nullable(),
};
const actor = { surface: z.string(), actorKind: z.string() };
const entry = z.object({ ...what, ...actor, actorId: z.string(), actorName: z.string() });
const cursors = { next: z.string().nullable(), previous: z.string().nullable() };
const tag = 'Audit';

export function auditPartnerOperations(): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/audit', tag, summary: "The market's audit trail" },
      query: listSchema(auditList),
      response: z.object({ rows: z.array(entry), ...cursors }),
      handler: (db, { req }) => listAudit(db, parseList(auditList, req.query, 'strict')),
    }),
  ];
}

export function auditAdminOperations(): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/audit', tag, summary: 'Audit trails of the markets' },
      query: listSchema(auditAdminList),
      response: z.object({ rows: z.array(entry.extend({ marketId: id })), ...cursors }),
      handler: (db, { req }) => listAudit(db, parseList(auditAdminList, req.query, 'strict')),
    }),
    operation({
      ...{ method: 'get', path: '/audit/platform', tag, summary: 'What staff did to the platform itself' },
      query: listSchema(platformAuditList),
      response: z.object({ rows: z.array(z.object({ ...what, ...actor })), ...cursors }),
      handler: (db, { req }) => listPlatformAudit(db, parseList(platformAuditList, req.query, 'strict')),
    }),
  ];
}
