import { z } from 'zod';
import { id } from '../http/fields.ts';
import { defineList } from '../http/list-query.ts';

const sorts = { at: { field: 'at', kind: 'instant' } } as const;
const word = z.string().trim().max(100).optional();
/** A calendar day in UTC, or an instant. */
const day = z.union([z.iso.date(), z.iso.datetime()]).optional();

const shared = {
  /** `offer.submit`, or `offer.` for all that happens to offers. */
  action: word,
  /** The request's id, as it stands on error pages and in response headers. */
  receipt: word,
  from: day,
  to: day,
};
const filters = {
  surface: z.enum(['admin', 'partner', 'device', 'public']).optional(),
  /** The id of who acted. */
  actor: id.optional(),
  ...shared,
};

/** A market's own trail. */
export const auditList = defineList({ sorts, sort: 'at', dir: 'desc', filters, limit: 50 });

/** The trails of all markets, or of one. */
export const auditAdminList = defineList({
  ...{ sorts, sort: 'at', dir: 'desc', limit: 50 },
  filters: { ...filters, market: id.optional() },
});

/** What staff did to the platform itself. */
export const platformAuditList = defineList({
  ...{ sorts, sort: 'at', dir: 'desc', limit: 50 },
  filters: { ...shared, actor: id.optional() },
});

/** Files of a trail: for a spreadsheet, or line by line with everything that its links are over. */
export const fileFormat = z.enum(['csv', 'jsonl']).catch('csv');
export type FileFormat = z.output<typeof fileFormat>;
