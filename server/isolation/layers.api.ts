import { z } from 'zod';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { layersList, listDifferences } from './layers.queries.ts';

const difference = z.object({
  ...{
    id,
    at: instant,
    receipt: id,
    ofMarket: id,
    model: z.string(),
    layer: z.enum(['policies', 'arguments']),
  },
  ...{ bothRows: z.int(), aloneRows: z.int(), ids: z.array(z.string()), acknowledgedAt: instant.nullable() },
});

/** The JSON twin of the page, for whoever watches the platform. */
export function layersAdminOperations(): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/isolation/layers', tag: 'Isolation', summary: 'Where layers disagreed' },
      query: listSchema(layersList),
      response: z.object({
        ...{ rows: z.array(difference), next: z.string().nullable(), previous: z.string().nullable() },
      }),
      handler: (db, { req }) => listDifferences(db, parseList(layersList, req.query, 'strict')),
    }),
  ];
}
