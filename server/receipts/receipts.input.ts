import { z } from 'zod';
import { id } from '../http/fields.ts';
import { defineList } from '../http/list-query.ts';

const flag = z.enum(['yes']).optional();
const shared = {
  ...({
    sorts: { at: { field: 'at', kind: 'instant' } } as const,
    sort: 'at',
    dir: 'desc',
    limit: 50,
  } as const),
};
const name = z
  .string()
  .regex(/^\w{1,60}$/)
  .optional();

/** Requests to the markets' side. */
export const receiptList = defineList({
  ...shared,
  filters: {
    ...{
      receipt: id.optional(),
      market: id.optional(),
      actor: id.optional(),
      model: name,
      denied: flag,
      raw: flag,
    },
    ...{ surface: z.enum(['partner', 'device', 'public']).optional(), support: id.optional() },
  },
});

/** Requests without a market: staff's, and of whoever has not signed in. */
export const platformReceiptList = defineList({
  ...shared,
  filters: { receipt: id.optional(), actor: id.optional(), model: name, denied: flag, raw: flag },
});
