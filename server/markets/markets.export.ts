import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { csvWriter } from '../http/csv.ts';
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

/** Streams markets as CSV. */
export async function sendMarketsCsv(res: Response, markets: AsyncIterable<MarketSummary>): Promise<void> {
  res.attachment('markets.csv').type('text/csv; charset=utf-8');
  const rows = async function* () {
    for await (const market of markets) yield Object.values(COLUMNS).map((read) => read(market));
  };
  await pipeline(Readable.from(rows()), csvWriter(Object.keys(COLUMNS)), res);
}
