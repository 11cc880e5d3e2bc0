import { z } from 'zod';
import { id, text } from '../../http/fields.ts';
import { defineList } from '../../http/list-query.ts';

/** Why, and for how long, a market is looked at. */
export const supportRequestInput = z.object({
  marketId: id,
  reason: text(500, 3),
  ticket: text(80),
  minutes: z.coerce.number().int().min(5).max(60),
});
export type SupportRequestInput = z.output<typeof supportRequestInput>;

/** A market's answer to a request. */
export const consentInput = z.object({ consent: z.enum(['granted', 'refused']) });

const shared = {
  sorts: { requested: { field: 'requestedAt', kind: 'instant' } },
  sort: 'requested',
  dir: 'desc',
} as const;

const going = z.enum(['current', 'over']).optional();

/** A market's access log. */
export const accessLogList = defineList({ ...shared, filters: { going } });

/** Of all markets, or of one. */
export const supportSessionList = defineList({ ...shared, filters: { going, market: id.optional() } });
