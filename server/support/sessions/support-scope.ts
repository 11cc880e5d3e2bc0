import type { Scope } from '../../market/scope.ts';

/** The cookie outlives the session by this, so that its end can be told instead of a sign-in page. */
export const AFTERWARDS_MS = 3_600_000;

/** A support session acts in its own name, with the least role that a market knows. */
export const supportScope = (marketId: string, sessionId: string, receipt: string): Scope => ({
  surface: 'partner',
  marketId,
  actor: { kind: 'support', id: sessionId, role: 'analyst', name: 'Support' },
  receipt,
  support: { sessionId },
});
