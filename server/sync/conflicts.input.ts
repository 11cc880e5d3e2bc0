import { z } from 'zod';
import { id, text } from '../http/fields.ts';
import { defineList } from '../http/list-query.ts';

export const conflictKinds = ['redeemed', 'cancelled', 'expired', 'unknown', 'elsewhere'] as const;
export const resolutions = ['honoured', 'refunded', 'written-off'] as const;

const sorts = { received: { field: 'receivedAt', kind: 'instant' } } as const;
const filters = {
  decided: z.enum(['yes', 'no']).optional(),
  kind: z.enum(conflictKinds).optional(),
};

export const conflictList = defineList({
  ...{ sorts, sort: 'received', dir: 'desc' },
  filters: { ...filters, branch: id.optional() },
});

/** The same for staff, across markets. */
export const conflictAdminList = defineList({
  ...{ sorts, sort: 'received', dir: 'desc' },
  filters: { ...filters, market: id.optional() },
});

export const resolutionForm = z.strictObject({
  resolution: z.enum(resolutions),
  note: text(500, 0).default(''),
});
