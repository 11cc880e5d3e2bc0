import { branchIds } from './branches.ts';
import { categoryId, PLANS } from './catalogue.ts';
import { DAY, HOUR, localTime } from './clock.ts';
import { demoId } from './ids.ts';
import type { DemoMarket } from './market-list.ts';
import { imageId } from './pictures.ts';
import { cheaper, offerPrice } from './prices.ts';
import { type Product, SHELVES } from './products/product.ts';
import { RANGES, TERMS } from './products/products.ts';
import { type Random, randomFor } from './random.ts';
import { REJECTIONS, type Story, storiesOf } from './stories.ts';

/** What an offer says: the part that staff approve. Keys as in the model, instants as ISO text. */
export interface Content {
  readonly titleEn: string;
  readonly titleAr: string;
  readonly textEn: string;
  readonly textAr: string;
  readonly price: number;
  readonly oldPrice: number | null;
  readonly currency: string;
  readonly categoryId: string | null;
  readonly imageId: string | null;
  readonly startsAt: string | null;
  readonly endsAt: string | null;
  readonly branchIds: readonly string[];
}

export interface Verdict {
  readonly decision: 'approved' | 'rejected';
  readonly reason: string;
  readonly decidedAt: Date;
}

/** One version of an offer, in the order in which they came to be. */
export interface Version {
  readonly content: Content;
  readonly submission: number;
  readonly submittedAt: Date | null;
  readonly isSubmitted: boolean;
  readonly changedAt: Date;
  readonly verdict?: Verdict;
}

export interface DemoOffer {
  readonly market: DemoMarket;
  readonly id: string;
  readonly createdAt: Date;
  readonly versions: readonly Version[];
  readonly endedAt: Date | null;
  /** When shoppers could see it; null for an offer that was never live. */
  readonly shown: { readonly from: Date; readonly to: Date } | null;
}

const later = (at: Date, milliseconds: number) => new Date(at.getTime() + milliseconds);
const earliest = (...times: (Date | null)[]) =>
  new Date(Math.min(...times.filter((at) => at !== null).map((at) => at.getTime())));

function branchesOf(market: DemoMarket, random: Random): string[] {
  const all = branchIds(market);
  const some = random.chance(0.55) ? all : random.shuffle(all).slice(0, Math.ceil(all.length / 2));
  return some.toSorted();
}

function contentOf(market: DemoMarket, product: Product, story: Story, today: Date, random: Random): Content {
  const [titleEn, titleAr, riyals, art, shelf] = product;
  const [first, second] = [random.pick(RANGES[market.category].sentences), random.pick(TERMS)];
  const zone = market.country.timeZone;
  return {
    titleEn,
    titleAr,
    textEn: `${first[0]} ${second[0]}`,
    textAr: `${first[1]} ${second[1]}`,
    ...offerPrice(riyals, market.country, random.next()),
    currency: market.country.currency,
    categoryId: categoryId(shelf ?? market.category),
    imageId: imageId(market, art),
    startsAt: localTime(today, story.starts, '00:00', zone).toISOString(),
    endsAt: localTime(today, story.ends, '00:00', zone).toISOString(),
    branchIds: branchesOf(market, random),
  };
}

/** The edit that a market makes to an offer which is live already: cheaper, longer, everywhere, and says so. */
function edited(content: Content, market: DemoMarket): Content {
  return {
    ...content,
    price: cheaper(content.price, market.country),
    oldPrice: content.oldPrice ?? content.price,
    textEn: `${content.textEn} Extended by popular demand.`,
    textAr: `${content.textAr} تم التمديد بناءً على الطلب.`,
    endsAt: later(new Date(content.endsAt!), 14 * DAY).toISOString(),
    branchIds: branchIds(market).toSorted(),
  };
}

function verdictOf(
  decision: Verdict['decision'],
  submittedAt: Date,
  market: DemoMarket,
  random: Random,
): Verdict {
  const reason = decision === 'approved' ? '' : random.pick(REJECTIONS)[market.locale === 'ar' ? 1 : 0];
  return {
    decision,
    reason,
    decidedAt: later(submittedAt, random.int(2, 20) * HOUR + random.int(0, 59) * 60_000),
  };
}

/** Plays a story: draft → submitted → decided, then perhaps edited, submitted again and decided again. */
function versionsOf(
  story: Story,
  first: Content,
  at: (day: number) => Date,
  market: DemoMarket,
  random: Random,
) {
  const submittedAt = story.submitted === null ? null : at(story.submitted);
  const versions: Version[] = [
    {
      content: first,
      submission: submittedAt ? 1 : 0,
      submittedAt,
      isSubmitted: submittedAt !== null,
      changedAt: submittedAt ?? at(story.created),
      ...(submittedAt && story.verdict && { verdict: verdictOf(story.verdict, submittedAt, market, random) }),
    },
  ];
  if (story.edited === undefined) return versions;
  const again = story.resubmitted ? later(at(story.edited), HOUR) : null;
  versions.push({
    content: edited(first, market),
    submission: again ? 2 : 1,
    submittedAt: again ?? submittedAt,
    isSubmitted: again !== null,
    changedAt: again ?? at(story.edited),
    ...(again && story.secondVerdict && { verdict: verdictOf(story.secondVerdict, again, market, random) }),
  });
  return versions;
}

function shownOf(versions: readonly Version[], endedAt: Date | null): DemoOffer['shown'] {
  const [first, second] = versions;
  if (first?.verdict?.decision !== 'approved') return null;
  const kept = second?.verdict?.decision === 'approved';
  const content = (kept ? second : first).content;
  const from = new Date(Math.max(first.verdict.decidedAt.getTime(), Date.parse(first.content.startsAt!)));
  const to = earliest(new Date(content.endsAt!), endedAt, second && !kept ? second.changedAt : null);
  return to > from ? { from, to } : null;
}

function offerOf(market: DemoMarket, index: number, product: Product, story: Story, today: Date): DemoOffer {
  const random = randomFor(`${market.slug}/offer/${index}`);
  const minute = random.int(0, 8 * 60 - 1);
  const zone = market.country.timeZone;
  const at = (day: number) => later(localTime(today, day, '09:00', zone), minute * 60_000);
  const versions = versionsOf(story, contentOf(market, product, story, today, random), at, market, random);
  const endedAt = story.ended === undefined ? null : localTime(today, story.ended, '00:00', zone);
  return {
    market,
    id: demoId('offer', market.number * 1_000 + index + 1),
    createdAt: later(at(story.created), -HOUR),
    versions,
    endedAt,
    shown: shownOf(versions, endedAt),
  };
}

/** In no particular order, but for one of each shelf in front: those offers run all the time. */
function productsOf(market: DemoMarket): Product[] {
  const mixed = randomFor(`${market.slug}/products`).shuffle(RANGES[market.category].products);
  const front = SHELVES.map((shelf) => mixed.find((product) => product[4] === shelf)!);
  return [...front, ...mixed.filter((product) => !front.includes(product))];
}

/** All offers of a market. A market that stopped being active is planned as of the day it stopped. */
export function offersOf(market: DemoMarket, today: Date): DemoOffer[] {
  const asOf = later(today, -market.stoppedDaysAgo * DAY);
  const products = productsOf(market);
  const maxLive = PLANS.find((plan) => plan.id === market.plan)!.maxLiveOffers;
  return storiesOf(market, maxLive).map((story, index) =>
    offerOf(market, index, products[index]!, story, asOf),
  );
}
