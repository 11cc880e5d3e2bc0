import { type Request, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { parseList } from '../http/list-query.ts';
import { dayTable, inLocale, type Wording } from './analytics-tables.ts';
import { dayFigures } from './days.queries.ts';
import { everyMarketRow, listMarketRows, type MarketRow, marketFigureList, moversOf } from './market-rows.ts';
import { platformToday } from './platform-day.queries.ts';
import { parseMeasure, parseRangeFrom } from './range.input.ts';
import type { Range } from './range.ts';
import { sendTable, type Table } from './table.ts';

type Tools = Pick<Deps, 'clock'>;

/** Figures across markets, for staff. */
export function analyticsAdminRoutes(deps: Tools): Router {
  const router = Router();
  router.get('/analytics', (req, res) => show(req, res, deps));
  router.get('/analytics/days.csv', async (req, res) => {
    const figures = await dayFigures(req.db, await rangeFor(req, deps));
    await sendTable(res, dayTable(figures, wording(req)));
  });
  router.get('/analytics/markets.csv', async (req, res) => {
    const list = parseList(marketFigureList, req.query);
    const rows = await everyMarketRow(req.db, await rangeFor(req, deps), list);
    await sendTable(res, marketTable(rows, wording(req)));
  });
  return router;
}

const wording = (req: Request): Wording => ({ t: req.t, locale: req.locale });

async function rangeFor(req: Request, { clock }: Tools): Promise<Range> {
  return parseRangeFrom(req.query, await platformToday(req.db, clock()));
}

async function show(req: Request, res: Response, deps: Tools): Promise<void> {
  const title = req.t('analytics:platformTitle');
  const view = 'admin/analytics/index';
  const list = parseList(marketFigureList, req.query);
  try {
    const [range, measure] = [await rangeFor(req, deps), parseMeasure(req.query)];
    const [figures, all, page] = await Promise.all([
      dayFigures(req.db, range),
      everyMarketRow(req.db, range),
      listMarketRows(req.db, range, list),
    ]);
    const locals = { title, range, measure, figures, movers: moversOf(all), list, page };
    const table = dayTable(figures, wording(req));
    res.page(view, { ...locals, table }, { fragment: 'admin/analytics/list' });
  } catch (error) {
    if (!(error instanceof AppError) || error.status !== 422) throw error;
    const locals = { title, range: null, errors: error.fields, values: req.query };
    res.page(view, locals, { status: 422 });
  }
}

function marketTable(rows: readonly MarketRow[], { t, locale }: Wording): Table {
  const counts = ['view', 'claim', 'redeem'] as const;
  return {
    ...{ name: 'markets', caption: t('analytics:byMarket') },
    columns: [
      { label: t('analytics:market'), kind: 'text' },
      { label: t('analytics:state'), kind: 'text' },
      ...counts.map((kind) => ({ label: t(`analytics:${kind}`), kind: 'count' as const })),
      { label: t('analytics:claimRate'), kind: 'ratio' },
      { label: t('analytics:claimsBefore'), kind: 'count' },
    ],
    rows: rows.map((row) => [
      inLocale(locale, row.nameEn, row.nameAr),
      t(`common:status.${row.state}`),
      ...[row.views, row.claims, row.redemptions, row.claimRate, row.claimsBefore],
    ]),
  };
}
