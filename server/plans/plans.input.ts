import { z } from 'zod';
import { text } from '../http/fields.ts';
import { acceptOverLimit } from './below-use.ts';

const MOST = 10_000_000;
/** A form sends text; anything but plain digits is no number. */
const count = (least: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,9}$/.test(value.trim()) ? Number(value) : value),
    z.int().min(least).max(MOST),
  );

export const cap = count(0);

/** A plan as operators change it: what it costs, in minor units of its currency, and what it allows. */
export const planInput = z.object({
  monthlyPrice: count(0),
  maxLiveOffers: count(1),
  maxBranches: count(1),
  maxTeamMembers: count(1),
  maxDevices: count(0),
  maxSyncPushes: count(0),
  maxMessages: count(0),
  reason: text(500),
  acceptOverLimit,
});

export type PlanInput = z.output<typeof planInput>;
