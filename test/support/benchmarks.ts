import { randomUUID } from 'node:crypto';
import type pg from 'pg';

/** A market of a benchmark test: one offer in `category` with these figures in the month. */
export interface Contributor {
  readonly views: number;
  readonly claims: number;
  readonly redemptions: number;
  readonly state?: string;
  readonly isDemo?: boolean;
  /** SQL date; a year before the month unless given. */
  readonly createdAt?: string;
  /** Persons in its team. */
  readonly people?: readonly string[];
}

/** The first day of the month two months ago: closed for at least four weeks, whatever today is. */
export function closedMonth(now = new Date()): string {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 2, 1)).toISOString().slice(0, 10);
}

/** Makes an empty category. @returns its id. */
export async function addCategory(client: pg.ClientBase): Promise<string> {
  const id = randomUUID();
  await client.query(
    `insert into category (id, slug, name_en, name_ar, position)
     values ($1, $1::uuid::text, 'Tools', 'أدوات', (select coalesce(max(position), 0) + 1 from category))`,
    [id],
  );
  return id;
}

/** Makes a market with an offer in the category and its figures of the month, past row-level security. @returns its id. */
export async function addContributor(
  client: pg.ClientBase,
  category: string,
  month: string,
  { views, claims, redemptions, state = 'active', isDemo = false, createdAt, people = [] }: Contributor,
): Promise<string> {
  const [market, offer] = [randomUUID(), randomUUID()];
  await client.query(
    `insert into plan values ('basic', 'Basic', 'أساسي', 0, 'SAR', 10000000, 10000000, 10000000, 1, 1000, 1000, 1000) on conflict do nothing`,
  );
  await client.query(
    `insert into market (id, slug, name_en, name_ar, state, plan_id, is_demo, created_at, updated_at)
     values ($1, $1::uuid::text, 'Market', 'سوق', $2, 'basic', $3, coalesce($4::timestamptz, $5::date - interval '1 year'), now())`,
    [market, state, isDemo, createdAt ?? null, month],
  );
  await client.query(
    `insert into offer (market_id, id, title_en, title_ar, price, currency, category_id, updated_at)
     values ($1, $2, 'Offer', 'عرض', 100, 'SAR', $3, now())`,
    [market, offer, category],
  );
  await addFigures(client, market, offer, month, { views, claims, redemptions });
  for (const person of people) await addPerson(client, market, person);
  return market;
}

async function addPerson(client: pg.ClientBase, market: string, person: string): Promise<void> {
  await client.query(
    `insert into partner_user (id, email, password_hash) values ($1, $1::uuid::text || '@example.test', '-')
     on conflict do nothing`,
    [person],
  );
  await client.query(
    `insert into team_member (market_id, id, user_id, email, name, role, state)
     values ($1, gen_random_uuid(), $2, $2::uuid::text || '@example.test', 'Person', 'owner', 'active')`,
    [market, person],
  );
}

/** Rolled-up figures, spread over the month's first and last day. */
export async function addFigures(
  client: pg.ClientBase,
  market: string,
  offer: string,
  month: string,
  figures: Pick<Contributor, 'views' | 'claims' | 'redemptions'>,
): Promise<void> {
  await client.query(
    `insert into event_day (market_id, day, offer_id, branch_id, kind, events)
     select $1, edge.day, $2, '00000000-0000-0000-0000-000000000000', figure.kind,
       case when edge.last then figure.n - figure.n / 3 else figure.n / 3 end
     from (values ('view', $4::int), ('claim', $5::int), ('redeem', $6::int)) as figure(kind, n),
       (values ($3::date, false), (($3::date + interval '1 month - 1 day')::date, true)) as edge(day, last)`,
    [market, offer, month, figures.views, figures.claims, figures.redemptions],
  );
}
