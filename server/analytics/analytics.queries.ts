import type { ScopedClient } from '../db/client.ts';
import { parseList } from '../http/list-query.ts';
import { marketBenchmarks } from './benchmark.queries.ts';
import { branchRows } from './branch-rows.ts';
import { dayFigures, type Part } from './days.queries.ts';
import type { Kind } from './figures.ts';
import { weekHours } from './hours.queries.ts';
import { listOfferRows, offerFigureList } from './offer-rows.ts';
import type { Range } from './range.ts';
import { medianRedeemMinutes } from './redeem-time.queries.ts';
import { returningShoppers } from './returning.queries.ts';

/** How many offers the page itself lists. */
const TOP_OFFERS = 10;

export interface Asked {
  readonly range: Range;
  readonly part: Part;
  readonly measure: Kind;
  readonly timeZone: string;
}

/** All that the analytics page shows. What is counted for whole markets alone is null when an offer or branch is asked for. */
export async function analyticsPage(db: ScopedClient, { range, part, measure, timeZone }: Asked) {
  const isWhole = !part.offerId && !part.branchId;
  const top = parseList(offerFigureList, { limit: String(TOP_OFFERS) });
  const [figures, offers, branches, hours, medianMinutes, returning, benchmarks] = await Promise.all([
    dayFigures(db, range, part),
    part.offerId ? null : listOfferRows(db, range, top, part),
    part.branchId ? null : branchRows(db, range, part),
    isWhole ? weekHours(db, range, measure) : null,
    medianRedeemMinutes(db, range, timeZone, part),
    isWhole ? returningShoppers(db, range.today) : null,
    isWhole ? marketBenchmarks(db, range.today) : null,
  ]);
  return { figures, offers, branches, hours, medianMinutes, returning, benchmarks };
}
