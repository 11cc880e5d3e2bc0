import { z } from 'zod';
import { id, text } from '../http/fields.ts';
import { defineList } from '../http/list-query.ts';

export const deviceInput = z.object({ name: text(60), branchId: id });
export type DeviceInput = z.output<typeof deviceInput>;

export const renameInput = deviceInput.pick({ name: true });

const states = z.enum(['active', 'revoked']);
const shared = {
  sorts: { paired: { field: 'pairedAt', kind: 'instant' }, name: { field: 'name', kind: 'text' } },
  sort: 'paired',
  dir: 'desc',
} as const;

export const deviceList = defineList({
  ...shared,
  filters: { state: states.optional(), branch: id.optional() },
});

/** Of all markets, or of one. */
export const deviceAdminList = defineList({
  ...shared,
  filters: { state: states.optional(), market: id.optional() },
});
