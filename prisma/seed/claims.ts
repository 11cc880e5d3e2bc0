import type { ClientBase } from 'pg';
import { branchIds } from './branches.ts';
import { HOUR } from './clock.ts';
import type { DemoEvent } from './events.ts';
import { demoId, withTime } from './ids.ts';
import type { DemoMarket } from './market-list.ts';
import type { DemoOffer } from './offers.ts';
import { memberOf } from './people.ts';
import { type Random, randomFor } from './random.ts';
import { insertRows } from './rows.ts';

interface DemoShopper {
  readonly id: string;
  readonly number: number;
  readonly since: number;
  /** Offers that the shopper has had: one each. */
  readonly had: Set<number>;
}

/** A known shopper comes back in this share of claims, rather a recent one than an old one. */
const RETURNING = 0.55;
const TRIES = 6;
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** As codes are: eight letters that nobody confuses. An odd factor keeps those of different claims apart. */
function codeOf(number: number): string {
  let rest = (BigInt(number) * 0x9e3779b97fn) & 0xffffffffffn;
  return Array.from({ length: 8 }, () => {
    const letter = LETTERS[Number(rest & 31n)]!;
    rest >>= 5n;
    return letter;
  }).join('');
}

function knownShopper(
  shoppers: readonly DemoShopper[],
  offer: number,
  random: Random,
): DemoShopper | undefined {
  if (!random.chance(RETURNING)) return undefined;
  for (let left = TRIES; left > 0; left--) {
    const found = shoppers[Math.floor(shoppers.length * Math.sqrt(random.next()))];
    if (found && !found.had.has(offer)) return found;
  }
  return undefined;
}

/** Gives every claim among the events a shopper, oldest claim first. */
function shoppersOf(market: DemoMarket, claims: readonly DemoEvent[]) {
  const random = randomFor(`${market.slug}/shoppers`);
  const shoppers: DemoShopper[] = [];
  const owners = claims.map(({ offer, at }) => {
    let shopper = knownShopper(shoppers, offer, random);
    if (!shopper) {
      const number = market.number * 100_000 + shoppers.length;
      const since = at - random.int(60, 900) * 1_000;
      shopper = { id: withTime(demoId('shopper', number), since), number, since, had: new Set() };
      shoppers.push(shopper);
    }
    shopper.had.add(offer);
    return shopper;
  });
  return { shoppers, owners };
}

async function writeShoppers(client: ClientBase, market: DemoMarket, shoppers: readonly DemoShopper[]) {
  const random = randomFor(`${market.slug}/contacts`);
  await insertRows(
    client,
    'shopper',
    { market_id: 'uuid', id: 'uuid', locale: 'text', created_at: 'timestamptz' },
    shoppers.map(({ id, since }) => ({
      ...{ market_id: market.id, id, created_at: new Date(since) },
      locale: random.chance(0.8) ? market.locale : market.locale === 'ar' ? 'en' : 'ar',
    })),
  );
  await insertRows(
    client,
    'shopper_contact',
    { market_id: 'uuid', shopper_id: 'uuid', email: 'text', opted_in_at: 'timestamptz' },
    shoppers.map(({ id, number, since }) => ({
      ...{ market_id: market.id, shopper_id: id, email: `shopper-${number}@example.net` },
      opted_in_at: random.chance(0.35) ? new Date(since + HOUR / 6) : null,
    })),
  );
}

const columns = {
  ...{ market_id: 'uuid', id: 'uuid', offer_id: 'uuid', shopper_id: 'uuid', code: 'text', state: 'text' },
  ...{ title_en: 'text', title_ar: 'text', price: 'integer', currency: 'text', claimed_at: 'timestamptz' },
  ...{ expires_at: 'timestamptz', redeemed_at: 'timestamptz', redeemed_by: 'uuid' },
  branch_id: 'uuid',
};

/**
 * The shoppers and claims behind one market's claim and redemption events. Triggers are off while they are written:
 * they would report each claim as an event of today.
 */
export async function writeClaims(
  client: ClientBase,
  market: DemoMarket,
  offers: readonly DemoOffer[],
  events: readonly DemoEvent[],
): Promise<void> {
  const claims = events.filter(({ kind }) => kind === 1);
  const redeemed = new Map(events.filter(({ kind }) => kind === 2).map((event) => [event.visit, event]));
  const { shoppers, owners } = shoppersOf(market, claims);
  await writeShoppers(client, market, shoppers);
  const branches = branchIds(market);
  const cashier = memberOf(market, 'manager').id;
  const rows = claims.map(({ offer, at, visit }, index) => {
    const { id, versions } = offers[offer]!;
    const { titleEn, titleAr, price, currency, endsAt } = versions[0]!.content;
    const redemption = redeemed.get(visit);
    const number = market.number * 1_000_000 + index;
    return {
      ...{ market_id: market.id, id: withTime(demoId('claim', number), at), offer_id: id },
      ...{ shopper_id: owners[index]!.id, code: codeOf(number), state: redemption ? 'redeemed' : 'open' },
      ...{ title_en: titleEn, title_ar: titleAr, price, currency, claimed_at: new Date(at) },
      ...{ expires_at: endsAt, redeemed_at: redemption ? new Date(redemption.at) : null },
      redeemed_by: redemption ? cashier : null,
      branch_id: redemption ? (branches[redemption.branch] ?? null) : null,
    };
  });
  await client.query('set local session_replication_role = replica');
  await insertRows(client, 'claim', columns, rows);
  await client.query('set local session_replication_role = origin');
  await client.query(
    `insert into offer_claims (market_id, offer_id, claimed)
     select market_id, offer_id, count(*) from claim where market_id = $1 group by 1, 2`,
    [market.id],
  );
}
