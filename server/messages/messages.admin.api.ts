import { z } from 'zod';
import { type Operation, operation } from '../http/api.ts';
import { id } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { listCampaignsOfAll } from './messages.admin.queries.ts';
import { campaignSummary } from './messages.api.ts';
import { campaignListOfAll } from './messages.input.ts';

const row = z.object({
  ...campaignSummary,
  ...{ marketId: id, market: z.object({ nameEn: z.string(), nameAr: z.string() }) },
});

/** Campaigns across markets, for staff: counts, and nobody's address. */
export function messagesAdminOperations(): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/messages', tag: 'Messages', summary: 'Campaigns of all markets' },
      query: listSchema(campaignListOfAll),
      response: z.object({
        rows: z.array(row),
        next: z.string().nullable(),
        previous: z.string().nullable(),
      }),
      handler: (db, { req }) => listCampaignsOfAll(db, parseList(campaignListOfAll, req.query, 'strict')),
    }),
  ];
}
