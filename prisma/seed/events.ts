import { branchIds } from './branches.ts';
import type { CategorySlug } from './catalogue.ts';
import { DAY, localTime } from './clock.ts';
import type { DemoMarket } from './market-list.ts';
import type { DemoOffer } from './offers.ts';
import { type Random, randomFor } from './random.ts';

/** How many days of figures the demo has. */
export const HISTORY_DAYS = 183;

/** `offer` and `branch` count within the market; `branch` is -1 when none is known. */
export interface DemoEvent {
  readonly kind: 0 | 1 | 2;
  readonly offer: number;
  readonly branch: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Equal for the view, claim and redemption of one visit. */
  readonly visit: number;
}

// Sunday to Saturday. Pay and the end of the week bring people out.
const WEEK = [0.8, 0.74, 0.78, 0.92, 1.36, 1.28, 1.22];
const WEEK_GULF_SUNDAY_OFF = [1.16, 0.76, 0.78, 0.86, 1.14, 1.26, 1.36];

// By hour of the market's day: quiet nights, a lunch shoulder, a long evening.
const EVENING = [6, 3, 1, 1, 1, 2, 5, 10, 16, 24, 32, 36, 38, 34, 32, 38, 48, 62, 76, 88, 92, 80, 52, 22];
const MORNING = [2, 1, 1, 1, 2, 10, 42, 78, 84, 66, 52, 44, 38, 34, 36, 44, 56, 66, 74, 72, 60, 42, 20, 6];
const HOURS: Partial<Record<CategorySlug, readonly number[]>> = { cafe: MORNING };

const CLAIM_RATE: Partial<Record<CategorySlug, number>> = {
  cafe: 0.26,
  grocery: 0.22,
  electronics: 0.09,
  home: 0.1,
};

interface Campaign {
  readonly from: number;
  readonly to: number;
  readonly lift: number;
}

const cumulative = (weights: readonly number[]) => {
  let total = 0;
  return weights.map((weight) => {
    total += weight;
    return total;
  });
};

/** Index into cumulative weights. */
function draw(sums: readonly number[], random: Random): number {
  const target = random.next() * sums[sums.length - 1]!;
  return sums.findIndex((sum) => target < sum);
}

function campaignsOf(random: Random): Campaign[] {
  return Array.from({ length: 3 }, (_, index) => {
    const from = -random.int(20, 55) - index * 58;
    return { from, to: from + random.int(3, 8), lift: random.between(1.5, 2.1) };
  });
}

/** Expected views of a day, from reach, growth over the half year, the week, paydays and campaigns. */
function demand(market: DemoMarket, day: number, date: Date, campaigns: readonly Campaign[]): number {
  const week = market.country.currency === 'AED' ? WEEK_GULF_SUNDAY_OFF : WEEK;
  const growth = 0.74 + 0.52 * ((day + HISTORY_DAYS) / HISTORY_DAYS);
  const payday = date.getUTCDate() >= 26 && date.getUTCDate() <= 29 ? 1.15 : 1;
  const campaign = campaigns.find(({ from, to }) => day >= from && day <= to)?.lift ?? 1;
  return market.reach * growth * week[date.getUTCDay()]! * payday * campaign;
}

interface Shelf {
  readonly branches: readonly string[];
  readonly offers: readonly DemoOffer[];
  readonly popularity: readonly number[];
  readonly claimRate: readonly number[];
  readonly hours: readonly number[];
  readonly redeemRate: number;
  readonly random: Random;
  /** Visits so far. */
  visits: number;
}

/** New offers and those about to end draw more eyes. */
function appeal(shelf: Shelf, index: number, noon: number): number {
  const shown = shelf.offers[index]!.shown;
  if (!shown || noon < shown.from.getTime() || noon >= shown.to.getTime()) return 0;
  const fresh = noon - shown.from.getTime() < 6 * DAY ? 1.7 : 1;
  const last = shown.to.getTime() - noon < 3 * DAY ? 1.3 : 1;
  return shelf.popularity[index]! * fresh * last;
}

function branchOf(shelf: Shelf, offer: DemoOffer): number {
  // The first branch is the busiest, and so on down.
  const branches = offer.versions[0]!.content.branchIds;
  return shelf.branches.indexOf(branches[Math.floor(branches.length * shelf.random.next() ** 1.6)]!);
}

/** One view and, for some, what follows from it: a claim within the hour, a redemption within days. */
function visit(shelf: Shelf, index: number, at: number, push: (event: DemoEvent) => void): void {
  const { random } = shelf;
  const offer = shelf.offers[index]!;
  const visit = shelf.visits++;
  push({ visit, kind: 0, offer: index, branch: random.chance(0.25) ? branchOf(shelf, offer) : -1, at });
  if (!random.chance(shelf.claimRate[index]!)) return;
  const branch = branchOf(shelf, offer);
  const claimed = at + random.int(20, 2_400) * 1_000;
  push({ visit, kind: 1, offer: index, branch: random.chance(0.5) ? branch : -1, at: claimed });
  if (!random.chance(shelf.redeemRate)) return;
  // A third on the spot; the others come back at much the same hour within the week.
  const days = random.chance(0.35) ? 0 : Math.ceil(7 * random.next() ** 2);
  const redeemed = claimed + days * DAY + random.int(300, 7_200) * 1_000;
  if (redeemed < offer.shown!.to.getTime()) push({ visit, kind: 2, offer: index, branch, at: redeemed });
}

function playDay(shelf: Shelf, noon: number, views: number, push: (event: DemoEvent) => void): void {
  const appeals = cumulative(shelf.offers.map((_, index) => appeal(shelf, index, noon)));
  if (!appeals.at(-1)) return;
  for (let left = shelf.random.poisson(views); left > 0; left--) {
    const hour = draw(shelf.hours, shelf.random);
    const at = noon + (hour - 12) * 3_600_000 + shelf.random.int(0, 3_599_999);
    const index = draw(appeals, shelf.random);
    const { from, to } = shelf.offers[index]!.shown!;
    if (at >= from.getTime() && at < to.getTime()) visit(shelf, index, at, push);
  }
}

function shelfOf(market: DemoMarket, offers: readonly DemoOffer[]): Shelf {
  const random = randomFor(`${market.slug}/events`);
  const claims = CLAIM_RATE[market.category] ?? 0.16;
  return {
    offers,
    branches: branchIds(market),
    popularity: offers.map(() => random.between(0.4, 1.8)),
    claimRate: offers.map(() => claims * random.between(0.7, 1.3)),
    redeemRate: random.between(0.52, 0.68),
    hours: cumulative(HOURS[market.category] ?? EVENING),
    random,
    visits: 0,
  };
}

/**
 * Half a year of a market, oldest first, up to `now`. What happens on a day depends on `today` alone, so a
 * later `now` of the same day only adds events at the end.
 */
export function eventsOf(
  market: DemoMarket,
  offers: readonly DemoOffer[],
  today: Date,
  now: Date,
): DemoEvent[] {
  const shelf = shelfOf(market, offers);
  const campaigns = campaignsOf(shelf.random);
  const events: DemoEvent[] = [];
  // Zones ahead of UTC may be a day further already.
  for (let day = -HISTORY_DAYS; day <= 1 - market.stoppedDaysAgo; day++) {
    const noon = localTime(today, day, '12:00', market.country.timeZone).getTime();
    const views = demand(market, day, new Date(today.getTime() + day * DAY), campaigns);
    playDay(shelf, noon, views, (event) => events.push(event));
  }
  const end = Math.min(now.getTime(), today.getTime() + DAY);
  const stopped = today.getTime() - market.stoppedDaysAgo * DAY;
  const limit = market.stoppedDaysAgo > 0 ? stopped : end;
  return events.filter(({ at }) => at < limit).sort((a, b) => a.at - b.at);
}
