import { z } from 'zod';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { shopperLabel } from './shopper-scope.ts';
import { shopperList } from './shoppers.input.ts';
import { findMarketName } from './shoppers.queries.ts';
import { lookUpShoppers } from './shoppers.service.ts';

const shopper = z.object({
  id,
  label: z.string().meta({ description: 'What the market itself calls the shopper' }),
  email: z.string().nullable().meta({ description: 'Covered, but for the one who was looked up by it' }),
  ...{ locale: z.string(), optedInAt: instant.nullable(), createdAt: instant, claims: z.int() },
});

const page = z.object({
  rows: z.array(shopper),
  next: z.string().nullable(),
  previous: z.string().nullable(),
});
const params = z.object({ id });

/** The JSON twin of the page of a market's shoppers. */
export function shoppersAdminOperations(): readonly Operation[] {
  return [
    operation({
      ...{
        method: 'get',
        path: '/markets/:id/shoppers',
        tag: 'Shoppers',
        summary: 'List a market’s shoppers',
      },
      description: '`q` is a whole e-mail address; such a look-up goes into the audit trail.',
      ...{ params, query: listSchema(shopperList), response: page },
      handler: async (db, { params, req }) => {
        const market = await findMarketName(db, params.id);
        const found = await lookUpShoppers(db, market.id, parseList(shopperList, req.query, 'strict'));
        const rows = found.rows.map(({ contact, _count, ...row }) => ({
          ...row,
          ...{ label: shopperLabel(row.id), claims: _count.claims },
          ...{ email: contact?.email ?? null, optedInAt: contact?.optedInAt ?? null },
        }));
        return { ...found, rows };
      },
    }),
  ];
}
