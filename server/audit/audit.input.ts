import { z } from 'zod';
import { id } from '../http/fields.ts';
import { defineList } from '../http/list-query.ts';

const surface = z.enum(['admin', 'partner', 'device', 'public']).optional();
const sorts = { at: { field: 'at', kind: 'instant' } } as const;

/** A market's own trail. */
export const auditList = defineList({ sorts, sort: 'at', dir: 'desc', filters: { surface }, limit: 50 });

/** The trails of all markets, or of one. */
export const auditAdminList = defineList({
  ...{ sorts, sort: 'at', dir: 'desc', limit: 50 },
  filters: { surface, market: id.optional() },
});

/** What staff did to the platform itself. */
export const platformAuditList = defineList({ sorts, sort: 'at', dir: 'desc', filters: {}, limit: 50 });
