import { z } from 'zod';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { orNotFound } from '../http/ids.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { platformReceiptList, receiptList } from './receipts.input.ts';
import { findReceipt, listPlatformReceipts, listReceipts } from './receipts.queries.ts';

const said = {
  ...{
    id,
    at: instant,
    surface: z.string(),
    actorKind: z.string(),
    actorId: id.nullable(),
    dbRole: z.string(),
  },
  ...{ method: z.string(), route: z.string(), status: z.number(), durationUs: z.number() },
  ...{ operations: z.record(z.string(), z.unknown()), models: z.array(z.string()) },
  ...{ isRaw: z.boolean(), isDenied: z.boolean(), denials: z.array(z.unknown()) },
};
const receipt = z.object({ ...said, marketId: id.nullable(), supportSessionId: id.nullable() });
const cursors = { next: z.string().nullable(), previous: z.string().nullable() };
const tag = 'Receipts';

export function receiptsAdminOperations(): readonly Operation[] {
  return [
    operation({
      ...{
        method: 'get',
        path: '/receipts',
        tag,
        summary: "Requests to the markets' side, and what they did",
      },
      query: listSchema(receiptList),
      response: z.object({ rows: z.array(receipt), ...cursors }),
      handler: (db, { req }) => listReceipts(db, parseList(receiptList, req.query, 'strict')),
    }),
    operation({
      ...{ method: 'get', path: '/receipts/platform', tag, summary: 'Requests without a market' },
      query: listSchema(platformReceiptList),
      response: z.object({ rows: z.array(z.object(said)), ...cursors }),
      handler: (db, { req }) => listPlatformReceipts(db, parseList(platformReceiptList, req.query, 'strict')),
    }),
    operation({
      ...{ method: 'get', path: '/receipts/:id', tag, summary: 'One receipt' },
      ...{ params: z.object({ id }), response: receipt },
      handler: async (db, { params }) => orNotFound(await findReceipt(db, params.id)),
    }),
  ];
}
