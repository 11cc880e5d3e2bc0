import type { Scope } from '../market/scope.ts';

/** What people call a shopper whose address is not theirs to see: the random end of the id. */
export const shopperLabel = (shopperId: string): string => `#${shopperId.slice(-6).toUpperCase()}`;

export function shopperScope(marketId: string, shopperId: string, receipt: string): Scope {
  const actor = { kind: 'shopper', id: shopperId, role: 'none', name: shopperLabel(shopperId) } as const;
  return { surface: 'public', marketId, actor, receipt };
}
