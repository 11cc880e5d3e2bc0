import type { Gate } from '../../auth/gate.ts';
import { supportCodeDigest } from './support-code.ts';

/** The session that a one-time link leads to. */
export interface WaitingSession {
  readonly marketId: string;
  readonly id: string;
  readonly nameEn: string;
  readonly nameAr: string;
  readonly reason: string;
  readonly ticket: string;
  readonly minutes: number;
}

export type SessionFate = 'ended' | 'stopped' | 'expired' | 'withdrawn';
export type LinkFate = 'used' | 'late' | 'over' | 'withdrawn';

/** What becomes of support sessions from outside of them, because within nothing can be written. */
export interface SupportGate {
  /** The session behind a link that still works, or null. */
  find(code: string): Promise<WaitingSession | null>;
  /** Uses the link up; null when somebody was first, or the time is over. */
  open(code: string, receipt: string): Promise<{ marketId: string; id: string; expiresAt: Date } | null>;
  end(marketId: string, id: string, receipt: string): Promise<boolean>;
  /** How a session came to its end; null where there is none. */
  fateOf(marketId: string, id: string): Promise<SessionFate | null>;
  /** Why a link does not hold; null where no session has this code. */
  linkFateOf(code: string): Promise<LinkFate | null>;
  /** Notes which ones time has ended. @returns how many. */
  expire(): Promise<number>;
}

const FIND = `
  select market_id as "marketId", id, name_en as "nameEn", name_ar as "nameAr", reason, ticket, minutes
  from app.support_session_of($1)`;
const OPEN =
  'select market_id as "marketId", id, expires_at as "expiresAt" from app.open_support_session($1, $2)';

export function createSupportGate(gate: Pick<Gate, 'query'>): SupportGate {
  return {
    find: async (code) => (await gate.query<WaitingSession>(FIND, [supportCodeDigest(code)]))[0] ?? null,
    open: async (code, receipt) => {
      type Opened = { marketId: string; id: string; expiresAt: Date };
      return (await gate.query<Opened>(OPEN, [supportCodeDigest(code), receipt]))[0] ?? null;
    },
    end: async (marketId, id, receipt) => {
      const asked = 'select app.end_support_session($1, $2, $3) as ended';
      return (await gate.query<{ ended: boolean }>(asked, [marketId, id, receipt]))[0]!.ended;
    },
    fateOf: async (marketId, id) => {
      const asked = 'select app.support_session_fate($1, $2) as fate';
      return (await gate.query<{ fate: SessionFate | null }>(asked, [marketId, id]))[0]!.fate;
    },
    linkFateOf: async (code) => {
      const asked = 'select app.support_link_fate($1) as fate';
      return (await gate.query<{ fate: LinkFate | null }>(asked, [supportCodeDigest(code)]))[0]!.fate;
    },
    expire: async () =>
      (await gate.query<{ expired: number }>('select app.expire_support_sessions() as expired'))[0]!.expired,
  };
}
