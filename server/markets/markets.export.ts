import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import type { Response } from 'express';
import type { MarketSummary } from './markets.queries.ts';

const COLUMNS: Readonly<Record<string, (market: MarketSummary) => string | number>> = {
  id: ({ id }) => id,
  slug: ({ slug }) => slug,
  name_en: ({ nameEn }) => nameEn,
  name_ar: ({ nameAr }) => nameAr,
  state: ({ state }) => state,
  plan: ({ planId }) => planId,
  currency: ({ currency }) => currency,
  time_zone: ({ timeZone }) => timeZone,
  branches: ({ _count }) => _count.branches,
  offers: ({ _count }) => _count.offers,
  members: ({ _count }) => _count.members,
  created_at: ({ createdAt }) => createdAt.toISOString(),
};

/** Streams markets as CSV: UTF-8 with a mark that spreadsheets look for, and no cell that one would run. */
export async function sendMarketsCsv(res: Response, markets: AsyncIterable<MarketSummary>): Promise<void> {
  res.attachment('markets.csv').type('text/csv; charset=utf-8');
  const writer = stringify({ header: true, bom: true, columns: Object.keys(COLUMNS), escape_formulas: true });
  const rows = async function* () {
    for await (const market of markets) yield Object.values(COLUMNS).map((read) => read(market));
  };
  await pipeline(Readable.from(rows()), writer, res);
}
