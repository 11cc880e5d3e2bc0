import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { listDrifts } from './drift.queries.ts';
import { acknowledgeDrift } from './drift.service.ts';
import { platformUsage, platformUsageQuery } from './platform-usage.queries.ts';
import { limitAnswer } from './usage.api.ts';

const market = z.object({ id, nameEn: z.string(), nameAr: z.string() });

const drift = z.object({
  ...{ id, market, name: z.string(), recorded: z.int(), counted: z.int() },
  ...{ foundAt: instant, acknowledgedAt: instant.nullable() },
});

const tag = 'Usage';

/** The JSON twins of the usage page. */
export function usageAdminOperations({ clock }: Pick<Deps, 'clock'>): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/usage', tag, summary: 'Limits of all markets, those nearest to it first' },
      query: platformUsageQuery,
      response: z.object({
        rows: z.array(limitAnswer.extend({ market, planId: z.string() })),
        total: z.int(),
      }),
      handler: (db, { query }) => platformUsage(db, query, clock()),
    }),
    operation({
      ...{ method: 'get', path: '/usage/drifts', tag, summary: 'Counters that were found wrong' },
      response: z.object({ rows: z.array(drift) }),
      handler: async (db) => ({ rows: await listDrifts(db) }),
    }),
    operation({
      ...{ method: 'post', path: '/usage/drifts/:marketId/:id/acknowledgement', tag },
      ...{ summary: 'Acknowledge a counter that was wrong', roles: ['operator'] as const },
      params: z.object({ marketId: id, id }),
      handler: (db, { params }) => acknowledgeDrift(db, params.marketId, params.id, clock()),
    }),
  ];
}
