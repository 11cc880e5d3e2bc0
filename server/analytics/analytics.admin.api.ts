import { z } from 'zod';
import type { ScopedClient } from '../db/client.ts';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { id } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { answerDays, daysAnswer } from './analytics.api.ts';
import { dayFigures } from './days.queries.ts';
import { everyMarketRow, listMarketRows, marketFigureList, moversOf } from './market-rows.ts';
import { platformToday } from './platform-day.queries.ts';
import { parseRangeFrom, rangeQuery } from './range.input.ts';

const tag = 'Analytics';
const ratio = z.number().nullable();
const market = z.object({
  ...{ id, nameEn: z.string(), nameAr: z.string(), state: z.string() },
  ...{ views: z.int(), claims: z.int(), redemptions: z.int(), claimRate: ratio, redemptionRate: ratio },
  ...{ claimsBefore: z.int(), change: ratio },
});

/** The JSON twins of staff's analytics page. */
export function analyticsAdminOperations({ clock }: Pick<Deps, 'clock'>): readonly Operation[] {
  const rangeIn = async (db: ScopedClient, query: Record<string, unknown>) =>
    parseRangeFrom(query, await platformToday(db, clock()));
  return [
    operation({
      ...{ method: 'get', path: '/analytics/days', tag, summary: 'Views, claims and redemptions by day' },
      ...{ query: rangeQuery, response: daysAnswer },
      handler: async (db, { req }) => {
        const range = await rangeIn(db, req.query);
        return answerDays(range, await dayFigures(db, range));
      },
    }),
    operation({
      ...{ method: 'get', path: '/analytics/markets', tag, summary: 'Figures by market' },
      query: listSchema(marketFigureList),
      response: z.object({
        rows: z.array(market),
        ...{ next: z.string().nullable(), previous: z.string().nullable() },
      }),
      handler: async (db, { req }) => {
        const list = parseList(marketFigureList, req.query, 'strict');
        return listMarketRows(db, await rangeIn(db, req.query), list);
      },
    }),
    operation({
      ...{ method: 'get', path: '/analytics/movers', tag, summary: 'Markets whose claims changed most' },
      query: rangeQuery,
      response: z.object({ risers: z.array(market), fallers: z.array(market) }),
      handler: async (db, { req }) => moversOf(await everyMarketRow(db, await rangeIn(db, req.query))),
    }),
  ];
}
