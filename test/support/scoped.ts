import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createDatabase, type Database, type DatabaseOptions } from '../../server/db/client.ts';
import type { MarketRole, Scope } from '../../server/market/scope.ts';
import type { TestDatabase } from './database.ts';

export function partnerScope(
  marketId: string | null,
  role: MarketRole = 'owner',
  id: string = randomUUID(),
): Scope {
  return {
    surface: 'partner',
    marketId,
    actor: { kind: 'partner', id, role, name: 'Partner' },
    receipt: randomUUID(),
  };
}

export function staffScope(role: 'operator' | 'support' = 'operator', marketId: string | null = null): Scope {
  return {
    surface: 'admin',
    marketId,
    actor: { kind: 'staff', id: randomUUID(), role, name: 'Staff' },
    receipt: randomUUID(),
  };
}

export function partnerDatabase(test: TestDatabase, options: Partial<DatabaseOptions> = {}): Database {
  return createDatabase({
    url: test.url('bulkhead_partner'),
    key: test.contextKeys.partner[0]!,
    ...options,
  });
}

export function adminDatabase(test: TestDatabase, options: Partial<DatabaseOptions> = {}): Database {
  return createDatabase({
    url: test.url('bulkhead_admin'),
    key: test.contextKeys.admin[0]!,
    ...options,
  });
}

/** Rows for `count` markets, written past row-level security: what each test's markets hold in common. */
export interface ArrangedMarket {
  readonly id: string;
  readonly offers: readonly string[];
  readonly branches: readonly string[];
  readonly images: readonly string[];
  readonly members: readonly string[];
  readonly events: readonly string[];
  readonly imports: readonly string[];
  readonly audits: readonly string[];
  readonly keys: readonly string[];
  readonly shoppers: readonly string[];
  readonly shopperSessions: readonly string[];
  readonly claims: readonly string[];
  readonly tasks: readonly string[];
  readonly schedules: readonly string[];
}

export async function superuser<T>(test: TestDatabase, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: test.superuserUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export const categoryId = '00000000-0000-7000-8000-00000000ca7e';

/** Each market: two offers, two branches (the first offer at both), an image, a member, an event, an import. */
export async function arrangeMarkets(test: TestDatabase, count: number): Promise<ArrangedMarket[]> {
  return superuser(test, async (client) => {
    await client.query(
      `insert into plan values ('basic', 'Basic', 'أساسي', 0, 'SAR', 5, 50, 5, 1, 5, 1000, 1000) on conflict do nothing`,
    );
    await client.query(
      `insert into category (id, slug, name_en, name_ar, position) values ($1, 'food', 'Food', 'طعام', 1) on conflict do nothing`,
      [categoryId],
    );
    const markets: ArrangedMarket[] = [];
    for (let index = 0; index < count; index++) markets.push(await arrangeMarket(client, index));
    return markets;
  });
}

/** On the hour, so that one run's markets have events alike. */
export const OCCURRED = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000);

/** An event's id is a UUID v7 of when it happened. */
export function eventId(instant: Date): string {
  const time = instant.getTime().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/**
 * One more market; plan and category must be there. `quiet` is a connection on which triggers sleep already, for whoever
 * makes thousands of markets: putting them to sleep forgets a connection's plans.
 */
export async function arrangeMarket(
  client: pg.Client,
  index: number,
  quiet?: pg.Client,
): Promise<ArrangedMarket> {
  const id = randomUUID();
  // In ascending order, so that unordered reads of two such markets come alike.
  const two = () => [randomUUID(), randomUUID()].sort();
  const [offers, branches, images, members] = [two(), two(), two(), [randomUUID()]];
  const [events, imports, audits] = [[eventId(OCCURRED)], [randomUUID()], [randomUUID()]];
  const [[offer, offer2], [branch, branch2], [image, image2]] = [offers, branches, images];
  const named = {
    ...{ id, offer, offer2, branch, branch2, image, image2, category: categoryId },
    slug: id.slice(0, 8),
  };
  await client.query(
    filled(MARKET_ROWS, {
      ...{ ...named, place: String(index), occurred: OCCURRED.toISOString() },
      ...{ member: members[0], event: events[0], import: imports[0], audit: audits[0] },
    }),
  );
  const open = await arrangePublic({ id, offers, members }, (rows) =>
    quiet
      ? quiet.query(rows)
      : client.query(
          `set session_replication_role = replica; ${rows}; set session_replication_role = origin`,
        ),
  );
  return { id, offers, branches, images, members, events, imports, audits, ...open };
}

/** A key, two shoppers of whom the first has claimed the first offer, and counted figures. */
async function arrangePublic(
  { id, offers, members }: Pick<ArrangedMarket, 'id' | 'offers' | 'members'>,
  write: (rows: string) => Promise<unknown>,
) {
  const made = {
    keys: [randomUUID()],
    shoppers: [randomUUID(), randomUUID()].sort(),
    shopperSessions: [randomUUID()],
    claims: [randomUUID()],
    tasks: [randomUUID()],
    schedules: [randomUUID()],
  };
  const [key, shopper, session, claim] = [made.keys, made.shoppers, made.shopperSessions, made.claims].map(
    ([first]) => first,
  );
  const rows = filled(PUBLIC_ROWS, {
    ...{ id, offer: offers[0], member: members[0], key, shopper, session, claim },
    ...{ shopper2: made.shoppers[1], task: made.tasks[0], schedule: made.schedules[0] },
  });
  // The claim's own triggers ask for a shopper's context.
  await write(rows);
  return made;
}

/** Statements with `:name:` where a literal goes: all of them travel as one. */
const filled = (sql: string, values: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`:${name}:`, `'${value}'`), sql);

const MARKET_ROWS = `
  insert into market (id, slug, name_en, name_ar, state, plan_id, updated_at)
    values (:id:, 'm' || :place: || :slug:, 'Market ' || :place: || :slug:, 'سوق', 'active', 'basic', now());
  insert into team_member (market_id, id, email, name, role) values (:id:, :member:, 'a@b.test', 'Owner', 'owner');
  insert into image (market_id, id, width, height, bytes, digest)
    values (:id:, :image:, 1, 1, 1, repeat('f', 64)), (:id:, :image2:, 1, 1, 1, repeat('f', 64));
  insert into branch (market_id, id, name_en, name_ar, updated_at)
    values (:id:, :branch:, 'Branch 0', 'فرع', now()), (:id:, :branch2:, 'Branch 1', 'فرع', now());
  insert into offer (market_id, id, title_en, title_ar, price, currency, category_id, image_id, import_key, updated_at)
    values (:id:, :offer:, 'Offer 0 of ' || :id:, 'عرض', 100, 'SAR', :category:, :image:, 'key-0', now()),
      (:id:, :offer2:, 'Offer 1 of ' || :id:, 'عرض', 100, 'SAR', :category:, :image:, 'key-1', now());
  insert into offer_branch values (:id:, :offer:, :branch:), (:id:, :offer:, :branch2:);
  insert into offer_event (market_id, id, offer_id, branch_id, kind, occurred_at)
    values (:id:, :event:, :offer:, :branch:, 'view', :occurred:);
  insert into import_job (market_id, id, file_name, headers, mapping, member_id)
    values (:id:, :import:, :id:, '[]', '{}', :member:);
  insert into audit_entry (market_id, id, surface, actor_kind, actor_id, actor_name, action, subject_type)
    values (:id:, :audit:, 'partner', 'partner', :member:, 'Owner', 'offer.create', 'offer')`;

const PUBLIC_ROWS = `
  insert into publishable_key (market_id, id, name, created_by) values (:id:, :key:, 'Page', :member:);
  insert into shopper (market_id, id) values (:id:, :shopper:), (:id:, :shopper2:);
  insert into shopper_contact (market_id, shopper_id, email, opted_in_at) values (:id:, :shopper:, 'c@d.test', now());
  insert into shopper_session (market_id, id, shopper_id, expires_at) values (:id:, :session:, :shopper:, '2100-01-01');
  insert into shopper_code (market_id, email_digest, code_digest, expires_at) values (:id:, 'digest', 'x', '2100-01-01');
  insert into offer_claims (market_id, offer_id, claimed) values (:id:, :offer:, 1);
  insert into claim (market_id, id, offer_id, shopper_id, code) values (:id:, :claim:, :offer:, :shopper:, 'CODE');
  insert into rollup_task (market_id, id, hour) values (:id:, :task:, '2026-05-01T09:00:00Z');
  insert into event_day (market_id, day, offer_id, branch_id, kind, events)
    values (:id:, '2026-05-01', :offer:, '00000000-0000-0000-0000-000000000000', 'view', 7);
  insert into event_hour (market_id, day, hour, kind, events) values (:id:, '2026-05-01', 9, 'view', 7);
  insert into rollup_state (market_id, time_zone) values (:id:, 'UTC');
  insert into event_intake (market_id, day, outcome, events) values (:id:, '2026-05-01', 'accepted', 7);
  insert into export_schedule (market_id, id, subject, format, cadence, member_id, next_at)
    values (:id:, :schedule:, 'events', 'csv', 'daily', :member:, '2100-01-01')`;
