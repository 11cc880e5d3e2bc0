import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { type Operation, operation } from '../../http/api.ts';
import { id, instant } from '../../http/fields.ts';
import { listSchema, parseList } from '../../http/list-query.ts';
import { listSeen } from '../../receipts/receipts.queries.ts';
import { SESSION_STATES } from './session-state.ts';
import { askMarket } from './support-notice.ts';
import {
  accessLogList,
  consentInput,
  supportRequestInput,
  supportSessionList,
} from './support-sessions.input.ts';
import {
  findAccess,
  findSupportSession,
  listAccess,
  listSupportSessions,
} from './support-sessions.queries.ts';
import {
  answerSupportRequest,
  endSupportSession,
  requestSupportSession,
  stopSupportSession,
} from './support-sessions.service.ts';

const looked = z.object({
  ...{ id, state: z.enum(SESSION_STATES), staffRole: z.enum(['operator', 'support']) },
  ...{ reason: z.string(), ticket: z.string(), minutes: z.int(), consent: z.string() },
  ...{ requestedAt: instant, decidedAt: instant.nullable(), openedAt: instant.nullable() },
  ...{ expiresAt: instant.nullable(), endedAt: instant.nullable() },
});
const session = looked.extend({ marketId: id, staffUser: z.object({ name: z.string() }) });

const seen = z.object({
  ...{ id, at: instant, method: z.string(), route: z.string(), status: z.int() },
  ...{ operations: z.record(z.string(), z.unknown()), rowIds: z.unknown() },
});

const pageOf = (row: z.ZodType) =>
  z.object({ rows: z.array(row), next: z.string().nullable(), previous: z.string().nullable() });
const params = z.object({ id });

/** A market's access log for programs. */
export function accessLogPartnerOperations({ clock }: Pick<Deps, 'clock'>): readonly Operation[] {
  const tag = 'Access log';
  const roles = ['owner', 'manager'] as const;
  return [
    operation({
      ...{ method: 'get', path: '/access-log', tag, summary: "The platform's looks at the market" },
      ...{ query: listSchema(accessLogList), response: pageOf(looked) },
      handler: (db, { req }) => listAccess(db, parseList(accessLogList, req.query, 'strict'), clock()),
    }),
    operation({
      ...{ method: 'get', path: '/access-log/:id', tag, summary: 'One of them', params, response: looked },
      handler: (db, { params }) => findAccess(db, params.id, clock()),
    }),
    operation({
      ...{ method: 'get', path: '/access-log/:id/receipts', tag, summary: 'Which pages and rows', params },
      response: z.object({ rows: z.array(seen) }),
      handler: async (db, { params }) => {
        const session = await findAccess(db, params.id, clock());
        return { rows: await listSeen(db, session.id) };
      },
    }),
    operation({
      ...{ method: 'post', path: '/access-log/:id/consent', tag, summary: 'Allow or refuse it', roles },
      ...{ params, body: consentInput, response: looked },
      handler: async (db, { params, body }) => {
        await answerSupportRequest(db, params.id, body.consent, clock());
        return findAccess(db, params.id, clock());
      },
    }),
    operation({
      ...{ method: 'post', path: '/access-log/:id/stop', tag, summary: 'Stop it at once', roles, params },
      response: looked,
      handler: async (db, { params }) => {
        await stopSupportSession(db, params.id, clock());
        return findAccess(db, params.id, clock());
      },
    }),
  ];
}

/** The same for staff. The way in is a page's alone: it opens in a browser. */
export function supportSessionsAdminOperations(
  deps: Pick<Deps, 'clock' | 'mailer' | 'config'>,
): readonly Operation[] {
  const { clock } = deps;
  const tag = 'Support sessions';
  return [
    operation({
      ...{ method: 'get', path: '/support-sessions', tag, summary: 'List support sessions' },
      ...{ query: listSchema(supportSessionList), response: pageOf(session) },
      handler: (db, { req }) =>
        listSupportSessions(db, parseList(supportSessionList, req.query, 'strict'), clock()),
    }),
    operation({
      ...{
        method: 'post',
        path: '/support-sessions',
        tag,
        summary: 'Ask for a look at a market',
        status: 201,
      },
      ...{ body: supportRequestInput, response: session },
      handler: async (db, { body }) => {
        const { id, consent } = await requestSupportSession(db, body);
        if (consent === 'asked') await askMarket(deps, db, id);
        return findSupportSession(db, id, clock());
      },
    }),
    operation({
      ...{
        method: 'get',
        path: '/support-sessions/:id',
        tag,
        summary: 'One of them',
        params,
        response: session,
      },
      handler: (db, { params }) => findSupportSession(db, params.id, clock()),
    }),
    operation({
      ...{
        method: 'post',
        path: '/support-sessions/:id/end',
        tag,
        summary: 'End it',
        params,
        response: session,
      },
      handler: async (db, { params }) => {
        await endSupportSession(db, params.id, clock());
        return findSupportSession(db, params.id, clock());
      },
    }),
  ];
}
