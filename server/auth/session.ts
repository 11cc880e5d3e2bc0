import type { ScopedClient } from '../db/client.ts';
import type { Direct } from '../db/direct.ts';
import type { Scope } from '../market/scope.ts';

/** Who a session is for: a team member in a market, or a member of staff (then `marketId` is null). */
export interface Subject {
  readonly actorId: string;
  readonly marketId: string | null;
}

/** What an access or a refresh token says, once verified. `rotation` only in a refresh token. */
export interface SessionClaims extends Subject {
  readonly sessionId: string;
  readonly rotation: number;
}

export interface SessionMarket {
  readonly id: string;
  readonly slug: string;
  readonly nameEn: string;
  readonly nameAr: string;
  readonly state: string;
  /** Why it is suspended or closed, in the words of the staff. */
  readonly stateReason: string | null;
  readonly timeZone: string;
  readonly currency: string;
  readonly locale: string;
  /** Whether support asks to look at the market, or does so now; unknown where nobody is shown it. */
  readonly supportNotices?: readonly ('asked' | 'open')[];
}

/** A session as the database has it now: role, state and market are never taken from the token. */
export interface LiveSession {
  readonly id: string;
  readonly rotation: number;
  readonly rotatedAt: Date;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  /** The person behind the actor: credentials and other markets hang on it. */
  readonly personId: string;
  readonly email: string;
  readonly locale: string;
  /** False once the member or the member of staff is disabled. */
  readonly isActive: boolean;
  readonly market: SessionMarket | null;
  readonly scope: Scope;
}

/** Where a session was opened, for the person's own list of sessions. */
export interface Device {
  readonly userAgent: string;
  readonly address: string;
}

export interface SessionRow {
  readonly id: string;
  readonly rotation: number;
  readonly rotatedAt: Date;
  readonly expiresAt: Date;
}

export interface SessionSummary extends Device {
  readonly id: string;
  readonly createdAt: Date;
  readonly rotatedAt: Date;
}

/** The session table of one portal. Each call runs under the actor's own scope, which is all that RLS shows it. */
export interface SessionTable {
  /** Whether a session is in a market; a token that says otherwise is refused. */
  readonly inMarket: boolean;
  /** A scope just strong enough to read one's own session: the least role there is. */
  readonly scopeOf: (subject: Subject, receipt: string) => Scope;
  /** `find` for every request: one statement instead of Prisma's one a relation. */
  readonly load: (direct: Direct, sessionId: string) => Promise<LiveSession | null>;
  readonly find: (db: ScopedClient, sessionId: string) => Promise<LiveSession | null>;
  readonly insert: (db: ScopedClient, subject: Subject, row: SessionRow, device: Device) => Promise<void>;
  /** Moves to the next rotation if the session still stands at `rotation`; false when another request was first. */
  readonly advance: (db: ScopedClient, row: SessionRow) => Promise<boolean>;
  /** Ends one session, or all of the actor's; returns how many were open. */
  readonly revoke: (db: ScopedClient, ids: string | 'all', at: Date, reason: string) => Promise<number>;
  readonly listOpen: (db: ScopedClient, now: Date) => Promise<SessionSummary[]>;
}

/** The times of a session as `direct` gives them. */
export interface SessionTimes {
  readonly id: string;
  readonly rotation: number;
  readonly rotated_at: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly revoked_at: string | null;
}

export function sessionTimes(row: SessionTimes) {
  return {
    id: row.id,
    rotation: row.rotation,
    rotatedAt: new Date(row.rotated_at),
    createdAt: new Date(row.created_at),
    expiresAt: new Date(row.expires_at),
    revokedAt: row.revoked_at === null ? null : new Date(row.revoked_at),
  };
}
