import { z } from 'zod';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { shopperLabel } from './shopper-scope.ts';
import { lookupRequest, shopperList } from './shoppers.input.ts';
import { findMarketName, listShoppers, type StaffShopper } from './shoppers.queries.ts';
import { lookUpShopper } from './shoppers.service.ts';

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

/** The JSON twins of the page of a market's shoppers. */
export function shoppersAdminOperations(): readonly Operation[] {
  const tag = 'Shoppers';
  return [
    operation({
      ...{ method: 'get', path: '/markets/:id/shoppers', tag, summary: 'List the shoppers of a market' },
      ...{ params, query: listSchema(shopperList).omit({ q: true }), response: page },
      handler: async (db, { params, req }) => {
        const market = await findMarketName(db, params.id);
        const found = await listShoppers(db, market.id, parseList(shopperList, req.query, 'strict'));
        return { ...found, rows: found.rows.map(shown) };
      },
    }),
    operation({
      ...{ method: 'post', path: '/markets/:id/shopper-lookups', tag, summary: 'Look a shopper up' },
      description: 'By the whole address. Goes into the audit trail of the market, without the address.',
      ...{ params, body: lookupRequest, response: z.object({ shopper: shopper.nullable() }) },
      handler: async (db, { params, body }) => {
        const market = await findMarketName(db, params.id);
        const found = await lookUpShopper(db, market.id, body.email);
        return { shopper: found && shown(found) };
      },
    }),
  ];
}

const shown = ({ contact, _count, ...row }: StaffShopper) => ({
  ...row,
  ...{ label: shopperLabel(row.id), claims: _count.claims },
  ...{ email: contact?.email ?? null, optedInAt: contact?.optedInAt ?? null },
});
