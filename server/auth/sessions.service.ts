import { v7 as uuid } from 'uuid';
import { recordAudit } from '../audit/audit.service.ts';
import type { Database, ScopedClient } from '../db/client.ts';
import type { Device, LiveSession, SessionClaims, SessionSummary, SessionTable, Subject } from './session.ts';
import { ACCESS_SECONDS, REFRESH_SECONDS, type TokenService } from './tokens.ts';

/** Two tabs that wake together send one refresh token twice; within this time both get the same successor. */
const LEEWAY_MS = 10_000;
/** However often it is refreshed, a session ends and the password is asked again. */
const LONGEST_MS = 90 * 86_400_000;

export interface TokenPair {
  readonly access: string;
  readonly refresh: string;
  readonly accessSeconds: number;
  readonly refreshSeconds: number;
}

export type EndReason =
  | 'sign-out'
  | 'sign-out-everywhere'
  | 'password-change'
  | 'refresh-reuse'
  | 'removed'
  | 'replaced';

export interface Sessions {
  open(subject: Subject, device: Device, receipt: string): Promise<TokenPair>;
  /** The session behind verified claims, or null once it is revoked, over, or its actor disabled. */
  load(claims: SessionClaims, receipt: string): Promise<LiveSession | null>;
  /** New tokens for a refresh token that was never used; a used one ends the session and gives null. */
  rotate(claims: SessionClaims, receipt: string, leeway: 'strict' | 'concurrent'): Promise<TokenPair | null>;
  end(db: ScopedClient, sessionId: string, reason: EndReason): Promise<boolean>;
  /** Ends every session of each subject: all that a person has, in all their markets. */
  endAll(subjects: readonly Subject[], receipt: string, reason: EndReason): Promise<void>;
  list(db: ScopedClient): Promise<SessionSummary[]>;
}

/** That it is another one: the trail masks both. */
const NEW_PASSWORD = { before: { password: 'old' }, after: { password: 'new' } };

interface Parts {
  readonly database: Database;
  readonly tokens: TokenService;
  readonly clock: () => Date;
}

export function createSessions(table: SessionTable, { database, tokens, clock }: Parts): Sessions {
  const scoped = (subject: Subject, receipt: string) => database.scoped(table.scopeOf(subject, receipt));
  const fits = ({ marketId }: Subject) => table.inMarket === (marketId !== null);
  const until = (from: Date) => new Date(from.getTime() + REFRESH_SECONDS * 1000);
  const isOpen = (session: LiveSession, now: Date) =>
    !session.revokedAt &&
    session.isActive &&
    session.expiresAt > now &&
    now.getTime() - session.createdAt.getTime() < LONGEST_MS;

  const pair = async (
    subject: Subject,
    row: { id: string; rotation: number; rotatedAt: Date },
  ): Promise<TokenPair> => {
    const claims = {
      sub: subject.actorId,
      sid: row.id,
      ...(subject.marketId ? { mkt: subject.marketId } : {}),
    };
    const issuedAt = row.rotatedAt;
    const [access, refresh] = await Promise.all([
      tokens.sign('access', claims, { issuedAt, seconds: ACCESS_SECONDS }),
      tokens.sign('refresh', { ...claims, rot: row.rotation }, { issuedAt, seconds: REFRESH_SECONDS }),
    ]);
    return { access, refresh, accessSeconds: ACCESS_SECONDS, refreshSeconds: REFRESH_SECONDS };
  };

  const end = async (tx: ScopedClient, ids: string | 'all', reason: EndReason): Promise<boolean> => {
    const ended = await table.revoke(tx, ids, clock(), reason);
    // A new password is worth an entry whether or not it ended anything.
    if (ended === 0 && reason !== 'password-change') return false;
    const subjectId = ids === 'all' ? null : ids;
    await recordAudit(tx, {
      ...{ action: `session.${reason}`, subjectType: 'session', subjectId, details: { ended } },
      ...(reason === 'password-change' ? NEW_PASSWORD : {}),
    });
    return ended > 0;
  };

  return {
    open: (subject, device, receipt) =>
      scoped(subject, receipt).$transaction(async (tx) => {
        const now = clock();
        const row = { id: uuid(), rotation: 0, rotatedAt: now, expiresAt: until(now) };
        await table.insert(tx, subject, row, device);
        const session = await table.find(tx, row.id);
        await recordAudit(
          tx,
          { action: 'session.sign-in', subjectType: 'session', subjectId: row.id, details: {} },
          session?.scope,
        );
        return pair(subject, row);
      }),

    load: async (claims, receipt) => {
      if (!fits(claims)) return null;
      const session = await table.load(database.direct(table.scopeOf(claims, receipt)), claims.sessionId);
      return session && isOpen(session, clock()) ? session : null;
    },

    rotate: async (claims, receipt, leeway) => {
      if (!fits(claims)) return null;
      return scoped(claims, receipt).$transaction(async (tx) => {
        const now = clock();
        const next = {
          id: claims.sessionId,
          rotation: claims.rotation + 1,
          rotatedAt: now,
          expiresAt: until(now),
        };
        const moved = await table.advance(tx, next);
        const session = await table.find(tx, claims.sessionId);
        if (!session || !isOpen(session, now)) return null;
        const isTwin =
          session.rotation === next.rotation && now.getTime() - session.rotatedAt.getTime() <= LEEWAY_MS;
        if (moved || (leeway === 'concurrent' && isTwin)) return pair(claims, session);
        // A token that was rotated away is in two hands: whoever holds them, the session ends for both.
        await end(tx, session.id, 'refresh-reuse');
        return null;
      });
    },

    end: (db, sessionId, reason) => db.$transaction((tx) => end(tx, sessionId, reason)),

    endAll: async (subjects, receipt, reason) => {
      for (const subject of subjects) {
        await scoped(subject, receipt).$transaction((tx) => end(tx, 'all', reason));
      }
    },

    list: (db) => table.listOpen(db, clock()),
  };
}
