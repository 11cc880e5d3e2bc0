import pg from 'pg';
import { hashPassword } from '../../server/auth/passwords.ts';
import { withClient, withUrl } from '../../server/db/setup/connect.ts';
import { signContext } from '../../server/market/context.ts';
import { marketId } from './bench.database.ts';
import type { EventsDatabase } from './events.database.ts';

/** A market of the benchmark: how many events it had in a year, and on how much they lie. */
export interface Size {
  readonly market: number;
  readonly events: number;
  /** Offers that are live at the same time; as many again follow each other over the year. */
  readonly offers: number;
  readonly branches: number;
  readonly shoppers: number;
}

export const SIZES = {
  small: { market: 1, events: 10_000, offers: 10, branches: 4, shoppers: 400 },
  large: { market: 0, events: 10_000_000, offers: 50, branches: 8, shoppers: 250_000 },
} as const satisfies Record<string, Size>;

export const PASSWORD = 'a password for the benchmark';
export const emailOf = ({ market }: Size): string => `owner-${market}@bench.example`;

/**
 * A year of figures as `app.roll_up()` would have left them, without the events themselves, which no page reads. Each
 * day, offer, branch and kind has a count around its mean (views 85 %, claims 9 %, redemptions 6 %), rounded up or down at
 * random; hours share each day's and kind's sum by an evening's weights, what is left over in the last. So both tables
 * say the same of every day. Each claim that is counted has a row in `claim`, two thirds of them redeemed.
 */
export async function fillFigures({ superuserUrl, env }: EventsDatabase, size: Size): Promise<void> {
  const market = marketId(size.market);
  await withClient(superuserUrl, async (client) => {
    await client.query(`set synchronous_commit = off; set session_replication_role = replica`);
    await client.query(
      `insert into branch (market_id, id, name_en, name_ar, updated_at)
       select $1, app.uuid_at(now()), 'Branch ' || b, 'فرع ' || b, now() from generate_series(1, $2::int) b`,
      [market, size.branches],
    );
    await client.query(
      `insert into category (id, slug, name_en, name_ar, position) values ($1, 'bench-' || $2::int, 'Bench', 'قياس', $2::int)`,
      [market, size.market],
    );
    await client.query(
      `insert into offer (market_id, id, title_en, title_ar, price, currency, category_id, updated_at)
       select $1, app.uuid_at(now()), 'Figure ' || o, 'عرض ' || o, 1000, 'SAR', $1, now() from generate_series(1, $2::int) o`,
      [market, size.offers * 2],
    );
    await client.query('set session_replication_role = origin');
    await client.query(FIGURES, [market, size.events, size.offers]);
    await client.query('set session_replication_role = replica');
    await client.query(HOURS, [market]);
    await client.query(`insert into rollup_state (market_id, time_zone) values ($1, 'Asia/Riyadh')`, [
      market,
    ]);
    await client.query(
      `insert into shopper (market_id, id) select $1, gen_random_uuid() from generate_series(1, $2::int)`,
      [market, size.shoppers],
    );
    await client.query(CLAIMS, [market]);
    await client.query(
      `with person as (insert into partner_user (id, email, password_hash) values (gen_random_uuid(), $2, $3) returning id)
       insert into team_member (market_id, id, user_id, email, name, role, state)
       select $1, gen_random_uuid(), id, $2, 'Owner', 'owner', 'active' from person`,
      [market, emailOf(size), await hashPassword(PASSWORD)],
    );
  });
  await countCohorts(env, market);
}

const FIGURES = `
  with place as (select id, row_number() over (order by id) - 1 as n from offer where market_id = $1 and title_en like 'Figure %'),
  spot as (
    select null::uuid as id, 3.0 as weight union all
    select id, 1.0 / row_number() over (order by id) from branch where market_id = $1
  ),
  cell as (
    select day::date, place.id as offer_id, spot.id as branch_id, kind.name as kind,
      kind.share * spot.weight * (1 + (place.n % 7)) * (0.7 + 0.6 * random()) as weight
    from generate_series(current_date - 365, current_date, interval '1 day') with ordinality as days(day, number), place, spot,
      (values ('view', 0.85), ('claim', 0.09), ('redeem', 0.06)) as kind(name, share)
    -- Half of the offers at a time, each for half a year.
    where (place.n + number * $3::int / 183) % ($3::int * 2) < $3::int
  ),
  counted as (select *, floor($2::float8 * weight / sum(weight) over () + random())::int as events from cell)
  insert into event_day (market_id, day, offer_id, branch_id, kind, events)
  select $1, day, offer_id, coalesce(branch_id, '00000000-0000-0000-0000-000000000000'), kind, events from counted where events > 0`;

const HOURS = `
  with total as (select day, kind, sum(events)::int as events from event_day where market_id = $1 group by 1, 2),
  weight as (select hour, w / sum(w) over () as share from unnest(
    array[6,3,1,1,1,2,5,10,16,24,32,36,38,34,32,38,48,62,76,88,92,80,52,22]::float8[]) with ordinality as w(w, n), lateral (select n - 1 as hour) h),
  cut as (
    select day, kind, hour, events, floor(events * share)::int as part from total, weight
  ),
  whole as (
    select day, kind, hour, case when hour = 20 then part + events - sum(part) over (partition by day, kind) else part end as events from cut
  )
  insert into event_hour (market_id, day, hour, kind, events)
  select $1, day, hour, kind, events from whole where events > 0`;

const CLAIMS = `
  with known as (select array_agg(id) as ids from shopper where market_id = $1),
  place as (select array_agg(id) as ids from branch where market_id = $1),
  made as (
    select day.day, day.offer_id, (day.day::timestamp at time zone 'Asia/Riyadh') + random() * interval '24 hours' as at
    from event_day as day, generate_series(1, day.events) where day.market_id = $1 and day.kind = 'claim'
  ),
  fated as (select *, random() < 0.66 as is_redeemed, random() as r, random() as s from made)
  insert into claim (market_id, id, offer_id, shopper_id, code, state, title_en, price, claimed_at, redeemed_at, branch_id)
  select $1, gen_random_uuid(), offer_id, known.ids[1 + floor(r * cardinality(known.ids))], left(md5(r::text || s::text), 12),
    case when is_redeemed then 'redeemed' else 'open' end, 'Offer', 1000, at,
    case when is_redeemed then at + s * s * interval '5 days' end,
    case when is_redeemed then place.ids[1 + floor(s * cardinality(place.ids))] end
  from fated, known, place`;

/** As the job does it: under a context of the market. */
async function countCohorts(env: Record<string, string>, market: string): Promise<void> {
  const [kid, key] = env.CONTEXT_KEYS!.split(':') as [string, string];
  const client = new pg.Client({ connectionString: withUrl(env.DATABASE_URL!, {}) });
  await client.connect();
  try {
    const pid = (client as unknown as { processID: number }).processID;
    const actor = { kind: 'job', id: market, role: 'none', name: 'job' } as const;
    const scope = { surface: 'partner', marketId: market, actor, receipt: 'bench' } as const;
    const context = signContext(scope, { kid, key: Buffer.from(key, 'base64url'), bindsPid: true }, pid);
    await client.query('begin');
    await client.query('set local statement_timeout = 0');
    await client.query(`select set_config('app.context', $1, true)`, [context]);
    await client.query('select app.count_cohorts()');
    await client.query('commit');
  } finally {
    await client.end();
  }
}
