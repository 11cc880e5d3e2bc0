import { createHmac } from 'node:crypto';

/**
 * What is kept of the id that a page gives its visitor: equal within one market, and between two markets not to be
 * recognised, not even by somebody who knows the id.
 */
export function visitorAt(marketId: string, visitor: string, secret: Buffer): string {
  const hex = createHmac('sha256', secret).update(`visitor\n${marketId}\n${visitor}`).digest('hex');
  // Version 8: a UUID made by a rule of one's own.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
