import { v7 as uuid } from 'uuid';
import { recordAudit } from '../../audit/audit.service.ts';
import type { ScopedClient } from '../../db/client.ts';
import { conflict, forbidden, notFound } from '../../errors.ts';
import type { SessionState } from './session-state.ts';
import { newSupportCode } from './support-code.ts';
import type { SupportRequestInput } from './support-sessions.input.ts';
import { findLookedAt, findSupportSession } from './support-sessions.queries.ts';

/**
 * Asks for a look at a market. Whether the market is asked first is for its own setting to say, and for the database
 * to hold to. Needs a staff scope; the entry stands in the market's own trail.
 */
export function requestSupportSession(db: ScopedClient, input: SupportRequestInput) {
  return db.$transaction(async (tx) => {
    const { marketId, ...said } = input;
    const market = await findLookedAt(tx, marketId);
    if (market.supportConsent === 'never') throw conflict('support-refused');
    if (market.state !== 'active') throw conflict('support-market-shut');
    const consent = market.supportConsent === 'always' ? 'not-needed' : 'asked';
    const { id: staffUserId, role: staffRole } = tx.scope.actor;
    const id = uuid();
    await tx.supportSession.createMany({
      data: [{ ...said, id, marketId, staffUserId, staffRole, consent }],
    });
    const details = { reason: said.reason, ticket: said.ticket, minutes: said.minutes };
    await recordAudit(tx, {
      ...{ action: 'support-session.request', subjectType: 'support-session', subjectId: id },
      ...{ marketId, details, after: { ...details, consent } },
    });
    return { id, marketId, consent } as const;
  });
}

/** Why there is no way into a session. */
const WITHOUT_LINK: Readonly<Record<Exclude<SessionState, 'allowed'>, string>> = {
  ...{ asked: 'support-asked', refused: 'support-declined', open: 'support-begun' },
  ...{ ended: 'support-over', stopped: 'support-over', expired: 'support-over', lapsed: 'support-over' },
};

/** A one-time link for whoever asked for the session. @returns its code, which exists nowhere else. */
export function makeSupportLink(db: ScopedClient, id: string, now: Date): Promise<string> {
  return db.$transaction(async (tx) => {
    const session = await findSupportSession(tx, id, now);
    if (session.staffUserId !== tx.scope.actor.id) throw forbidden('support-not-yours');
    if (session.state !== 'allowed') throw conflict(WITHOUT_LINK[session.state]);
    const { code, row } = newSupportCode(now);
    const { marketId } = session;
    await tx.supportSession.updateMany({ where: { marketId, id }, data: row });
    await recordAudit(tx, {
      ...{ action: 'support-session.link', subjectType: 'support-session', subjectId: id, marketId },
    });
    return code;
  });
}

/** Ends one's own session, or as an operator anybody's. */
export function endSupportSession(db: ScopedClient, id: string, now: Date): Promise<void> {
  return db.$transaction(async (tx) => {
    const { staffUserId, marketId } = await findSupportSession(tx, id, now);
    const { id: self, role } = tx.scope.actor;
    if (staffUserId !== self && role !== 'operator') throw forbidden('support-not-yours');
    const where = { marketId, id, endedAt: null };
    const { count } = await tx.supportSession.updateMany({
      where,
      data: { endedAt: now, endReason: 'ended' },
    });
    if (count === 0) throw conflict('support-over');
    await recordAudit(tx, {
      ...{ action: 'support-session.end', subjectType: 'support-session', subjectId: id, marketId },
      ...ended(now, 'ended'),
    });
  });
}

/** The market's answer to a request: nobody is asked twice. */
export function answerSupportRequest(
  db: ScopedClient,
  id: string,
  consent: 'granted' | 'refused',
  now: Date,
): Promise<void> {
  return db.$transaction(async (tx) => {
    const answer = { consent, decidedAt: now, decidedBy: tx.scope.actor.id };
    const over = consent === 'refused' ? { endedAt: now, endReason: 'refused' } : {};
    const where = { id, consent: 'asked', endedAt: null };
    const { count } = await tx.supportSession.updateMany({ where, data: { ...answer, ...over } });
    if (count === 0) return nothingToDo(tx, id, 'support-answered');
    const action = consent === 'granted' ? 'support-session.allow' : 'support-session.refuse';
    await recordAudit(tx, {
      ...{ action, subjectType: 'support-session', subjectId: id },
      ...{ before: { consent: 'asked' }, after: { consent, ...over } },
    });
  });
}

/** The market ends a session at once: the very next statement of it finds nothing. */
export function stopSupportSession(db: ScopedClient, id: string, now: Date): Promise<void> {
  return db.$transaction(async (tx) => {
    const where = { id, endedAt: null };
    const { count } = await tx.supportSession.updateMany({
      where,
      data: { endedAt: now, endReason: 'stopped' },
    });
    if (count === 0) return nothingToDo(tx, id, 'support-over');
    await noteStop(tx, id, now);
  });
}

/** What a market does that lets nobody look at it any more. */
export async function stopAllSupportSessions(tx: ScopedClient, now: Date): Promise<void> {
  const open = await tx.supportSession.findMany({ where: { endedAt: null }, select: { id: true } });
  if (open.length === 0) return;
  await tx.supportSession.updateMany({
    where: { id: { in: open.map(({ id }) => id) }, endedAt: null },
    data: { endedAt: now, endReason: 'stopped' },
  });
  for (const { id } of open) await noteStop(tx, id, now);
}

const noteStop = (tx: ScopedClient, subjectId: string, now: Date) =>
  recordAudit(tx, {
    ...{ action: 'support-session.stop', subjectType: 'support-session', subjectId },
    ...ended(now, 'stopped'),
  });

const ended = (endedAt: Date, endReason: string) => ({
  ...{ before: { endedAt: null, endReason: null }, after: { endedAt, endReason } },
});

async function nothingToDo(tx: ScopedClient, id: string, code: string): Promise<never> {
  const known = await tx.supportSession.findFirst({ where: { id }, select: { id: true } });
  throw known ? conflict(code) : notFound();
}
