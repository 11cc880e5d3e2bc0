/** What tells how far a support session is. */
export interface SessionTimes {
  readonly consent: string;
  readonly openedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly endedAt: Date | null;
  readonly endReason: string | null;
}

/** `asked` waits for the market, `allowed` for whoever asked, `open` runs; the others are over. */
export const SESSION_STATES = [
  'asked',
  'allowed',
  'open',
  'ended',
  'stopped',
  'expired',
  'refused',
  'lapsed',
] as const;
export type SessionState = (typeof SESSION_STATES)[number];

/** One that has run out is over at once, and not only when the job has noted it. */
export function stateOf(row: SessionTimes, now: Date): SessionState {
  if (row.endReason) return row.endReason as SessionState;
  if (row.expiresAt) return row.expiresAt > now ? 'open' : 'expired';
  return row.consent === 'asked' ? 'asked' : 'allowed';
}
