import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { eventsOf } from '../../prisma/seed/events.ts';
import { demoId } from '../../prisma/seed/ids.ts';
import { DEMO_MARKETS } from '../../prisma/seed/market-list.ts';
import { offersOf } from '../../prisma/seed/offers.ts';
import { DEMO_LOGINS, DEMO_PASSWORD, seed, seedCatalogue } from '../../prisma/seed.ts';
import { verifyPassword } from '../../server/auth/passwords.ts';
import { openingHours } from '../../server/branches/opening-hours.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { keyId, keyText } from '../../server/public/publishable-key.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

const now = new Date('2026-11-20T15:20:00Z');
const today = new Date('2026-11-20T00:00:00Z');

type Found = Record<string, unknown>;
const rows = (database: TestDatabase, sql: string, values: unknown[] = []): Promise<Found[]> =>
  withClient(database.superuserUrl, async (client) => (await client.query(sql, values)).rows);

/** A digest of each table's rows. Salts and transactions' numbers differ; what migrations write is not the seed's. */
async function fingerprint(database: TestDatabase): Promise<Record<string, string>> {
  const tables = await rows(
    database,
    `select relname as name from pg_class where relkind in ('r', 'p') and not relispartition and relnamespace = 'public'::regnamespace
     and relname not in ('_prisma_migrations', 'sync_epoch') order by 1`,
  );
  const prints = tables.map(async ({ name }) => {
    const [row] = await rows(
      database,
      `select count(*) || ' ' || coalesce(md5(string_agg(r, e'\\n' order by r)), '') as print
       from (select (to_jsonb(t) - 'password_hash' - 'xid')::text as r from ${name} as t) as all_rows`,
    );
    return [name, row!.print] as const;
  });
  return Object.fromEntries(await Promise.all(prints));
}

describe('demo seed', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let uploadsDir: string;

  before(async () => {
    uploadsDir = mkdtempSync(join(tmpdir(), 'bulkhead-seed-'));
    database = await testDatabase();
    await seed({ url: database.superuserUrl, uploadsDir, now });
  });
  after(() => rmSync(uploadsDir, { recursive: true, force: true }));

  it('writes the same rows into another database, two seeds at once end as one, and a later one writes nothing', async () => {
    const first = await fingerprint(database);
    assert.match(first.offer_event!, /^(1[5-9]|2[0-4])\d{4} /);
    const other = await testDatabase();
    const options = { url: other.superuserUrl, uploadsDir, now };
    await Promise.all([seed(options), seed(options)]);
    assert.deepEqual(await fingerprint(other), first);
    await seed({ ...options, now: new Date('2026-12-24T09:00:00Z') });
    assert.deepEqual(await fingerprint(other), first);
    await other.drop();
  });

  it('leaves no row behind when it fails at its very last step', async () => {
    const other = await testDatabase();
    const file = join(uploadsDir, 'not-a-folder');
    writeFileSync(file, '');
    await assert.rejects(seed({ url: other.superuserUrl, uploadsDir: file, now }), /ENOTDIR|EEXIST/);
    const prints = Object.entries(await fingerprint(other));
    assert.deepEqual(
      prints.filter(([, print]) => !print.startsWith('0 ')),
      [],
    );
    await other.drop();
  });

  it('names the login that row-level security would bind', async () => {
    await assert.rejects(
      seed({ url: database.url('bulkhead_partner'), uploadsDir, now }),
      /^BootError: bulkhead_partner can't write demo data/,
    );
  });

  it('gives an empty installation its plans and categories, twice without harm', async () => {
    const other = await testDatabase();
    await seedCatalogue({ url: other.superuserUrl });
    await seedCatalogue({ url: other.superuserUrl });
    const [found] = await rows(
      other,
      'select (select count(*)::int from plan) as plans, (select count(*)::int from category) as categories, (select count(*)::int from market) as markets',
    );
    assert.deepEqual(found, { plans: 3, categories: 11, markets: 0 });
    await other.drop();
  });

  it('has the same ids on another day: they are v7 of a fixed day and a counter', async () => {
    const ids = (day: Date) => DEMO_MARKETS.flatMap((market) => offersOf(market, day).map(({ id }) => id));
    const stored = await rows(database, 'select id from offer order by id');
    assert.deepEqual(
      ids(new Date('2027-03-01T00:00:00Z')).sort(),
      stored.map(({ id }) => id),
    );
    const madeOn = Date.parse('2026-01-01T00:00:00Z');
    for (const table of ['market', 'offer', 'audit_entry', 'image']) {
      const odd = await rows(
        database,
        `select id from ${table} where id::text !~ '^.{14}7.{4}[89ab]'
           or ('x' || lpad(translate(left(id::text, 13), '-', ''), 16, '0'))::bit(64)::bigint
             not between $1::bigint and $1::bigint + 86400000 limit 1`,
        [madeOn],
      );
      assert.deepEqual(odd, [], table);
    }
  });

  describe('markets', () => {
    it('are 24, marked as demo, in two languages and every state and plan', async () => {
      const markets = await rows(database, 'select * from market');
      assert.equal(markets.length, 24);
      const count = (key: string, value: string) => markets.filter((market) => market[key] === value).length;
      assert.ok(markets.every((market) => market.is_demo));
      assert.deepEqual(
        [count('state', 'applied'), count('state', 'suspended'), count('state', 'closed')],
        [2, 1, 1],
      );
      for (const plan of ['free', 'basic', 'pro']) assert.ok(count('plan_id', plan) > 3, plan);
      for (const locale of ['en', 'ar']) assert.ok(count('locale', locale) > 5, locale);
      assert.ok(count('currency', 'KWD') > 0 && count('currency', 'EGP') > 0);
    });

    for (const [table, column] of [
      ['market', 'name'],
      ['branch', 'name'],
      ['branch', 'address'],
      ['category', 'name'],
      ['offer', 'title'],
      ['offer', 'text'],
    ] as const) {
      it(`${table}.${column} is English and Arabic on every row`, async () => {
        const odd = await rows(
          database,
          `select ${column}_en, ${column}_ar from ${table} where ${column}_en !~ '[A-Za-z]' or ${column}_en ~ '[ء-ي]' or ${column}_ar !~ '[ء-ي]'`,
        );
        assert.deepEqual(odd, []);
      });
    }

    it('keep to their plans: branches, live offers, team', async () => {
      const over = await rows(
        database,
        `select slug from market join plan on plan.id = plan_id
         where (select count(*) from branch where market_id = market.id and state = 'open') > max_branches
            or (select count(*) from offer where market_id = market.id and state = 'live') > max_live_offers
            or (select count(*) from team_member where market_id = market.id and state <> 'removed') > max_team_members`,
      );
      assert.deepEqual(over, []);
    });

    it('have counters that are right from the beginning, and one market at its limits', async () => {
      const wrong = await rows(
        database,
        `select name from limit_use as c where used <> app.recount_limit(market_id, name, counted_at)`,
      );
      assert.deepEqual(wrong, []);
      const quotas = await rows(
        database,
        `select market_id, name from limit_use where name in ('messages', 'sync_pushes')
         group by 1, 2 having sum(used) <> app.recount_quota(market_id, name)`,
      );
      assert.deepEqual(quotas, []);
      const full = await rows(
        database,
        `select name from limit_use join market on market.id = market_id
         where slug = 'al-sikka' and used = app.limit_cap(market_id, name) order by name`,
      );
      assert.deepEqual(
        full.map(({ name }) => name),
        ['branches', 'devices', 'live_offers', 'members'],
      );
      const over = await rows(
        database,
        'select market_id from limit_use where used > app.limit_cap(market_id, name)',
      );
      assert.deepEqual(over, []);
    });

    it('have two to eight branches with address, place and hours that the product reads', async () => {
      const branches = await rows(database, 'select * from branch');
      for (const branch of branches) {
        assert.equal(openingHours.parse(branch.hours).length, 7);
        assert.ok(branch.latitude && branch.longitude && branch.city);
      }
      const counts = await rows(
        database,
        'select count(*)::int as n from branch group by market_id order by 1',
      );
      assert.deepEqual([counts.length, counts[0]!.n, counts.at(-1)!.n], [24, 2, 8]);
    });
  });

  describe('logins', () => {
    for (const login of DEMO_LOGINS) {
      it(`${login.email} signs in with the printed password, as ${login.roles.map(({ role }) => role).join(' and ')}`, async () => {
        const sql =
          login.portal === 'admin'
            ? `select password_hash, role, null as market from staff_user join staff_credential on staff_user_id = id
               where email = $1 and state = 'active'`
            : `select password_hash, role, slug as market from partner_user as person
               join team_member as member on member.user_id = person.id join market on market.id = market_id
               where person.email = $1 and member.state = 'active' and market.state = 'active' order by role desc`;
        const found = await rows(database, sql, [login.email]);
        const roles = login.roles.map(({ role, market = null }) => ({ role, market }));
        assert.deepEqual(
          found.map(({ role, market }) => ({ role, market })),
          roles,
        );
        assert.equal(await verifyPassword(String(found[0]!.password_hash), login.password), true);
        assert.equal(await verifyPassword(String(found[0]!.password_hash), `${DEMO_PASSWORD} `), false);
      });
    }

    it('belong to reserved domains, one of them to two markets', async () => {
      assert.ok(DEMO_LOGINS.every(({ email }) => /[@.]example\.(com|net)$/.test(email)));
      assert.equal(DEMO_LOGINS.filter(({ roles }) => roles.length === 2).length, 1);
      const real = await rows(
        database,
        String.raw`select email from team_member where email !~ '[@.]example\.(com|net)$' union select email from partner_user where email !~ '[@.]example\.(com|net)$'`,
      );
      assert.deepEqual(real, []);
    });
  });

  describe('offers', () => {
    it('are in every state, at prices that end as prices do', async () => {
      const states = await rows(
        database,
        'select state, count(*)::int as n from offer group by 1 order by 1',
      );
      assert.deepEqual(
        states.map(({ state }) => state),
        ['draft', 'ended', 'live', 'rejected', 'submitted'],
      );
      assert.ok(states.every(({ n }) => Number(n) >= 20));
      const counts = await rows(
        database,
        'select count(*)::int as n from offer group by market_id order by 1',
      );
      assert.deepEqual([counts.length, counts[0]!.n, counts.at(-1)!.n], [24, 8, 20]);
      const odd = await rows(
        database,
        `select price, currency from offer where price <= 0 or (currency = 'KWD' and price % 50 <> 0) or (currency = 'SAR' and price % 5 <> 0)`,
      );
      assert.deepEqual(odd, []);
    });

    it('were live until then: at least ten wait again with content unlike the approved', async () => {
      const [found] = await rows(
        database,
        `select count(*)::int as n from offer join lateral (
           select content from offer_decision as d where d.market_id = offer.market_id and d.offer_id = offer.id
             and d.decision = 'approved' order by decided_at desc limit 1) as approved on true
         where state = 'submitted' and (content->>'price')::int <> price and content->>'textAr' <> text_ar
           and (content->>'endsAt')::timestamptz <> ends_at`,
      );
      assert.ok(Number(found!.n) >= 10, String(found!.n));
    });

    it('that are live or rejected carry the verdict about what they say now', async () => {
      const odd = await rows(
        database,
        `select offer.id from offer left join offer_decision as d on d.market_id = offer.market_id and d.offer_id = offer.id
           and d.content_digest = offer.content_digest and d.decided_at = offer.decided_at
         where state in ('live', 'rejected') and (d.id is null
           or (d.decision = 'approved') <> (state = 'live') or (d.reason = '') <> (state = 'live')
           or d.content->>'titleEn' <> title_en or (d.content->>'price')::int <> price
           or (d.content->>'startsAt')::timestamptz <> starts_at or (d.content->>'imageId')::uuid <> image_id)`,
      );
      assert.deepEqual(odd, []);
    });

    it('have branches, and pictures whose files are what the rows say', async () => {
      const bare = await rows(
        database,
        'select id from offer where image_id is null or not exists (select from offer_branch b where b.market_id = offer.market_id and offer_id = id)',
      );
      assert.deepEqual(bare, []);
      const images = await rows(database, 'select * from image');
      assert.equal(images.length, 24 * 6);
      for (const image of images) {
        const file = readFileSync(join(uploadsDir, String(image.market_id), `${image.id}.webp`));
        assert.equal(createHash('sha256').update(file).digest('hex'), image.digest);
        assert.equal(file.length, image.bytes);
      }
      const { format, width, height } = await sharp(
        join(uploadsDir, String(images[0]!.market_id), `${images[0]!.id}.webp`),
      ).metadata();
      assert.deepEqual([format, width, height], ['webp', images[0]!.width, images[0]!.height]);
      assert.ok(existsSync(join(uploadsDir, DEMO_MARKETS[23]!.id)));
    });

    it('left a trail: every submission, verdict and end has its entry, by somebody who could', async () => {
      const [missing] = await rows(
        database,
        `select count(*)::int as n from offer_decision as d where not exists (select from audit_entry as a
           where a.market_id = d.market_id and a.subject_id = d.offer_id::text and a.at = d.decided_at
             and a.details->>'digest' = d.content_digest and a.actor_id = d.decided_by)`,
      );
      assert.equal(missing!.n, 0);
      const strangers = await rows(
        database,
        `select actor_id from audit_entry as a where surface = 'partner' and not exists
           (select from team_member as m where m.market_id = a.market_id and m.id = a.actor_id)`,
      );
      assert.deepEqual(strangers, []);
      const early = await rows(database, 'select at from audit_entry where at > $1', [now]);
      assert.deepEqual(early, []);
    });
  });

  describe('shoppers, claims and keys', () => {
    it('open each active market to web pages by one key, the same everywhere', async () => {
      const keys = await rows(
        database,
        `select key.id, market.slug from publishable_key as key join market on market.id = key.market_id
         join team_member as maker on maker.market_id = key.market_id and maker.id = key.created_by and maker.role = 'owner'
         where key.name = 'Storefront' and key.revoked_at is null and market.state = 'active' order by market.slug`,
      );
      assert.equal(keys.length, 20);
      const [murooj] = keys.filter(({ slug }) => slug === 'murooj');
      assert.equal(keyId(keyText(String(murooj!.id))), murooj!.id);
      assert.equal(murooj!.id, demoId('key', 1));
    });

    it('agree with the events, the counters, the limits and each other', async () => {
      const odd = await rows(
        database,
        `select 'no claim event' as what from claim where not exists (select from offer_event as e where e.market_id = claim.market_id
           and e.offer_id = claim.offer_id and e.kind = 'claim' and e.occurred_at = claim.claimed_at)
         union all select 'no redeem event' from claim where state = 'redeemed' and not exists (select from offer_event as e
           where e.market_id = claim.market_id and e.offer_id = claim.offer_id and e.kind = 'redeem'
             and e.occurred_at = claim.redeemed_at and e.branch_id = claim.branch_id)
         union all select 'counter' from offer_claims as c where claimed <> (select count(*) from claim
           where claim.market_id = c.market_id and claim.offer_id = c.offer_id)
         union all select 'over the limit' from offer join offer_claims as c on c.market_id = offer.market_id and c.offer_id = offer.id
           where c.claimed > offer.claim_limit
         union all select 'too often' from claim join offer on offer.market_id = claim.market_id and offer.id = claim.offer_id
           group by claim.market_id, claim.offer_id, claim.shopper_id, offer.claim_limit_per_shopper
           having count(*) > offer.claim_limit_per_shopper
         union all select 'early shopper' from claim join shopper on shopper.market_id = claim.market_id and shopper.id = claim.shopper_id
           where claim.claimed_at < shopper.created_at
         union all select 'a real address' from shopper_contact where email !~ '@example[.](com|net|org)$'`,
      );
      assert.deepEqual(odd, []);
      const [found] = await rows(
        database,
        `select (select count(*)::int from claim) as claims, (select count(*)::int from offer where claim_limit is not null) as limits,
           (select count(*)::int from offer join offer_claims using (market_id) where offer.id = offer_id and claimed = claim_limit) as gone`,
      );
      assert.ok(
        Number(found!.claims) > 100 && Number(found!.limits) > 20 && Number(found!.gone) > 3,
        JSON.stringify(found),
      );
    });
  });

  describe('figures', () => {
    it('narrow from view to claim to redemption, for every offer on every step', async () => {
      const odd = await rows(
        database,
        `select * from (select offer_id, count(*) filter (where kind = 'view') as views,
           count(*) filter (where kind = 'claim') as claims, count(*) filter (where kind = 'redeem') as redeemed
           from offer_event group by market_id, offer_id) as o where views <= claims or claims < redeemed`,
      );
      assert.deepEqual(odd, []);
      const [total] = await rows(
        database,
        `select count(*) filter (where kind = 'claim')::float / count(*) filter (where kind = 'view') as claimed,
           count(*) filter (where kind = 'redeem')::float / count(*) filter (where kind = 'claim') as redeemed from offer_event`,
      );
      assert.ok(Number(total!.claimed) > 0.1 && Number(total!.claimed) < 0.3, JSON.stringify(total));
      assert.ok(Number(total!.redeemed) > 0.4 && Number(total!.redeemed) < 0.8, JSON.stringify(total));
    });

    it('happen only while the offer can be seen, at its branches, and never in the future', async () => {
      const odd = await rows(
        database,
        `select e.id from offer_event as e join offer as o on o.market_id = e.market_id and o.id = e.offer_id
         where (kind = 'view' and (occurred_at < o.starts_at or occurred_at >= o.ends_at or occurred_at >= o.ended_at))
            or occurred_at >= $1 or received_at < occurred_at
            or (branch_id is null and kind = 'redeem')
            or (branch_id is not null and not exists (select from offer_branch as b where b.market_id = e.market_id
              and b.offer_id = e.offer_id and b.branch_id = e.branch_id)) limit 3`,
        [now],
      );
      assert.deepEqual(odd, []);
    });

    it('fill every day of half a year for every active market, and stop with the market', async () => {
      const days = await rows(
        database,
        `select state, count(distinct (occurred_at at time zone time_zone)::date)::int as days
         from market left join offer_event on market_id = market.id group by market.id, state`,
      );
      for (const { state, days: found } of days) {
        if (state === 'active') assert.ok(Number(found) >= 183, String(found));
        else if (state === 'applied') assert.equal(found, 0);
        else assert.ok(Number(found) > 100 && Number(found) < 175, `${state} ${found}`);
      }
    });

    it('grow', async () => {
      const [found] = await rows(
        database,
        `select count(*) filter (where occurred_at >= $1::timestamptz - interval '56 days')::float
           / count(*) filter (where occurred_at < $1::timestamptz - interval '126 days') as growth
         from offer_event join market on market.id = market_id where state = 'active' and kind = 'view'
           and occurred_at >= $1::timestamptz - interval '182 days' and occurred_at < $1`,
        [today],
      );
      assert.ok(Number(found!.growth) > 1.15 && Number(found!.growth) < 2, JSON.stringify(found));
    });

    it('peak from Thursday to Saturday in each market’s own time zone', async () => {
      const found = await rows(
        database,
        `select slug, avg(n) filter (where weekday in (4, 5, 6)) / avg(n) filter (where weekday in (1, 2, 3)) as lift
         from (select slug, (occurred_at at time zone time_zone)::date as day,
             extract(dow from occurred_at at time zone time_zone) as weekday, count(*) as n
           from offer_event join market on market.id = market_id
           where state = 'active' and kind = 'view' and (occurred_at at time zone time_zone)::date < $1::date
           group by 1, 2, 3) as days group by slug`,
        [today],
      );
      assert.equal(found.length, 20);
      for (const { slug, lift } of found) assert.ok(Number(lift) > 1.2, `${slug} ${lift}`);
    });

    it('follow the evening in Riyadh, not in UTC', async () => {
      const hours = async (zone: string) => {
        const found = await rows(
          database,
          `select extract(hour from occurred_at at time zone $1)::int as hour, count(*)::float / sum(count(*)) over () as share
           from offer_event join market on market.id = market_id
           where time_zone = 'Asia/Riyadh' and kind = 'view' and slug <> 'al-sikka' group by 1`,
          [zone],
        );
        return new Map(found.map(({ hour, share }) => [Number(hour), Number(share)]));
      };
      const local = await hours('Asia/Riyadh');
      const peak = [...local].sort((a, b) => b[1] - a[1])[0]![0];
      assert.ok(peak >= 19 && peak <= 21, String(peak));
      assert.ok([2, 3, 4].reduce((sum, hour) => sum + (local.get(hour) ?? 0), 0) < 0.02);
      const utc = [...(await hours('UTC'))].sort((a, b) => b[1] - a[1])[0]![0];
      assert.equal(utc, peak - 3);
    });

    it('have a claim of a shopper behind every claim and redemption, at most one an offer and shopper', async () => {
      const [found] = await rows(
        database,
        `select count(*)::int as claims, count(redeemed_at)::int as redeemed,
           count(distinct (market_id, offer_id, shopper_id))::int as pairs, count(distinct (market_id, shopper_id))::int as shoppers,
           (select count(*)::int from offer_event where kind = 'claim') as claim_events,
           (select count(*)::int from offer_event where kind = 'redeem') as redeem_events,
           (select sum(claimed)::int from offer_claims) as counted from claim`,
      );
      const { claims, redeemed, pairs, shoppers } = found as Record<string, number>;
      assert.deepEqual(
        [claims, redeemed, claims],
        [found!.claim_events, found!.redeem_events, found!.counted],
      );
      assert.equal(pairs, claims);
      assert.ok(shoppers! < claims! * 0.7, `${shoppers} of ${claims}`);
      const odd = await rows(
        database,
        String.raw`select email from shopper_contact where email !~ '@example\.net$' limit 1`,
      );
      assert.deepEqual(odd, []);
    });

    it('suffice for benchmarks of the months before, in categories that all kinds of markets sell in', async () => {
      const found = await rows(
        database,
        `select slug, metric, count(value)::int as months from benchmark join category on category.id = category_id
         where slug in ('gifts', 'home') group by 1, 2 order by 1, 2`,
      );
      assert.deepEqual(
        found.map(({ slug, metric }) => `${slug} ${metric}`),
        ['gifts claim-rate', 'gifts redemption-rate', 'home claim-rate', 'home redemption-rate'],
      );
      for (const { slug, metric, months } of found)
        assert.ok(Number(months) >= 3, `${slug} ${metric} ${months}`);
    });

    it('only go on when the same day is seeded later', () => {
      const market = DEMO_MARKETS[0]!;
      const offers = offersOf(market, today);
      const noon = eventsOf(market, offers, today, new Date('2026-11-20T12:00:00Z'));
      const evening = eventsOf(market, offers, today, new Date('2026-11-20T20:00:00Z'));
      assert.ok(evening.length > noon.length + 10);
      assert.deepEqual(evening.slice(0, noon.length), noon);
    });
  });
});
