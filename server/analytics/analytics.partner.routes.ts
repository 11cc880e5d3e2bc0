import { type Request, type Response, Router } from 'express';
import type { ScopedClient } from '../db/client.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { parseList } from '../http/list-query.ts';
import { type Asked, analyticsPage } from './analytics.queries.ts';
import * as tables from './analytics-tables.ts';
import { marketBenchmarks } from './benchmark.queries.ts';
import { branchRows } from './branch-rows.ts';
import { dayFigures } from './days.queries.ts';
import { weekHours } from './hours.queries.ts';
import { everyOfferRow, listOfferRows, offerFigureList } from './offer-rows.ts';
import { findPart, type NamedPart } from './part.queries.ts';
import { parseMeasure, parseRange } from './range.input.ts';
import { medianRedeemMinutes } from './redeem-time.queries.ts';
import { returningShoppers } from './returning.queries.ts';
import { sendTable, type Table } from './table.ts';

type Tools = Pick<Deps, 'clock'>;
type AskedHere = Asked & { readonly part: NamedPart };

/** A market's own figures, each as a picture, as a table and as a file. */
export function analyticsPartnerRoutes(deps: Tools): Router {
  const router = Router();
  router.get('/analytics', (req, res) => show(req, res, deps));
  router.get('/analytics/offers', (req, res) => showOffers(req, res, deps));
  for (const [name, make] of Object.entries(FILES)) {
    router.get(`/analytics/${name}.csv`, async (req, res) => {
      const asked = await askedFor(req, deps);
      await sendTable(res, await make(req.db, asked, { t: req.t, locale: req.locale }));
    });
  }
  return router;
}

type MakeTable = (db: ScopedClient, asked: Asked, wording: tables.Wording) => Promise<Table>;

const FILES: Readonly<Record<string, MakeTable>> = {
  days: async (db, { range, part }, words) => tables.dayTable(await dayFigures(db, range, part), words),
  offers: async (db, { range, part }, words) =>
    tables.offerTable(await everyOfferRow(db, range, part), words),
  branches: async (db, { range, part }, words) =>
    tables.branchTable(await branchRows(db, range, part), words),
  hours: async (db, { range, measure }, words) =>
    tables.hourTable(await weekHours(db, range, measure), words),
  funnel: async (db, asked, words) => {
    const { total } = await dayFigures(db, asked.range, asked.part);
    const medianMinutes = await medianRedeemMinutes(db, asked.range, asked.timeZone, asked.part);
    return tables.funnelTable({ total, medianMinutes }, words);
  },
  returning: async (db, { range }, words) =>
    tables.returningTable(await returningShoppers(db, range.today), words),
  benchmarks: async (db, { range }, words) =>
    tables.benchmarkTable(await marketBenchmarks(db, range.today), words),
};

async function askedFor(req: Request, { clock }: Tools): Promise<AskedHere> {
  const { timeZone } = req.session!.market!;
  const part = await findPart(req.db, req.query);
  return {
    part,
    timeZone,
    range: parseRange(req.query, timeZone, clock()),
    measure: parseMeasure(req.query),
  };
}

async function show(req: Request, res: Response, deps: Tools): Promise<void> {
  const title = req.t('analytics:title');
  const asked = await askedOrErrors(req, res, deps, 'partner/analytics/index', title);
  if (!asked) return;
  const { part, ...rest } = asked;
  const data = await analyticsPage(req.db, { ...rest, part: idsOf(part) });
  const words = { t: req.t, locale: req.locale };
  const { figures, offers, branches, hours, medianMinutes, returning, benchmarks } = data;
  const shown = {
    days: tables.dayTable(figures, words),
    branches: branches && tables.branchTable(branches, words),
    hours: hours && tables.hourTable(hours, words),
    funnel: tables.funnelTable({ total: figures.total, medianMinutes }, words),
    returning: returning && tables.returningTable(returning, words),
    benchmarks: benchmarks && tables.benchmarkTable(benchmarks, words),
  };
  const weekdays = tables.weekdayNames(req.locale, 'short');
  res.page('partner/analytics/index', { title, asked, ...data, offers, tables: shown, weekdays });
}

async function showOffers(req: Request, res: Response, deps: Tools): Promise<void> {
  const title = req.t('analytics:byOffer');
  const asked = await askedOrErrors(req, res, deps, 'partner/analytics/offers', title);
  if (!asked) return;
  const list = parseList(offerFigureList, req.query);
  const page = await listOfferRows(req.db, asked.range, list, idsOf(asked.part));
  const locals = { title, asked, list, page };
  res.page('partner/analytics/offers', locals, { fragment: 'partner/analytics/offer-list' });
}

const idsOf = ({ offerId, branchId }: NamedPart) => ({
  ...(offerId ? { offerId } : {}),
  ...(branchId ? { branchId } : {}),
});

/** What the URL asks for; a range that can't be is told at its fields, on the page without figures. */
async function askedOrErrors(req: Request, res: Response, deps: Tools, view: string, title: string) {
  try {
    return await askedFor(req, deps);
  } catch (error) {
    if (!(error instanceof AppError) || error.status !== 422) throw error;
    res.page(view, { title, asked: null, errors: error.fields, values: req.query }, { status: 422 });
    return null;
  }
}
