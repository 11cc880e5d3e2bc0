import type { Scope } from '../../market/scope.ts';

/** A support session acts in its own name, with the least role that a market knows. */
export const supportScope = (marketId: string, sessionId: string, receipt: string): Scope => ({
  surface: 'partner',
  marketId,
  actor: { kind: 'support', id: sessionId, role: 'analyst', name: 'Support' },
  receipt,
  support: { sessionId },
});
