import { setTimeout as pause } from 'node:timers/promises';
import { v7 as uuid } from 'uuid';
import { createMailbox, type StoredMail } from '../../server/mail/mailbox.ts';
import type { MarketFixture } from './two-markets.ts';

type Sql = <Row = Record<string, unknown>>(text: string, values?: unknown[]) => Promise<Row[]>;

export interface Reader {
  readonly id: string;
  readonly email: string;
  readonly phone: string;
}

let numbers = 0;

/** Shoppers who want messages by both channels, in English and Arabic by turns. */
export async function insertReaders(sql: Sql, market: MarketFixture, count: number): Promise<Reader[]> {
  const readers = Array.from({ length: count }, () => {
    const id = uuid();
    return { id, email: `reader-${id}@example.com`, phone: `+96655${String(1_000_000 + ++numbers)}` };
  });
  const ids = readers.map(({ id }) => id);
  await sql(
    `insert into shopper (market_id, id, locale)
     select $1, id, case place % 2 when 1 then 'en' else 'ar' end from unnest($2::uuid[]) with ordinality as row (id, place)`,
    [market.marketId, ids],
  );
  await sql(
    `insert into shopper_contact (market_id, shopper_id, email, opted_in_at) select $1, id, 'reader-' || id || '@example.com', now()
     from unnest($2::uuid[]) as id`,
    [market.marketId, ids],
  );
  await sql(
    `insert into shopper_phone (market_id, shopper_id, phone, opted_in_at) select $1, id, phone, now()
     from unnest($2::uuid[], $3::text[]) as row (id, phone)`,
    [market.marketId, ids, readers.map(({ phone }) => phone)],
  );
  return readers;
}

/** Takes the fixture's own shoppers and campaigns out of the way: a test's audience is its own. */
export async function clearMessages(sql: Sql): Promise<void> {
  await sql('delete from message_recipient');
  await sql('delete from message_campaign');
  await sql('delete from shopper_phone');
  await sql('update shopper_contact set opted_in_at = null');
  await sql('update plan set max_messages = 10000');
  await sql('delete from limit_override');
  await sql(`delete from limit_use where name = 'messages'`);
}

/** How many recipients of a campaign are in each state. */
export async function states(sql: Sql, campaignId: string): Promise<Record<string, number>> {
  const rows = await sql<{ state: string; number: number }>(
    'select state, count(*)::int as number from message_recipient where campaign_id = $1 group by 1 order by 1',
    [campaignId],
  );
  return Object.fromEntries(rows.map(({ state, number }) => [state, number]));
}

/** Asks until it holds, or fails with what it found last. */
export async function until<Result>(
  look: () => Promise<Result>,
  holds: (found: Result) => boolean,
  milliseconds = 15_000,
): Promise<Result> {
  for (const end = Date.now() + milliseconds; ; await pause(20)) {
    const found = await look();
    if (holds(found)) return found;
    if (Date.now() > end) throw new Error(`Not in time: ${JSON.stringify(found)}`);
  }
}

export const mails = (folder: string): Promise<StoredMail[]> => createMailbox(folder).list(10_000);

/** The opt-out link of a mail, as mail programs take it from its header. */
export function optOutPath(mail: StoredMail): string {
  const [, address] = /^<(.+)>$/.exec(mail.headers?.['List-Unsubscribe'] ?? '') ?? [];
  if (!address) throw new Error('No opt-out link in the header');
  return new URL(address).pathname;
}

/** How much of the month's quota is taken, all months together. */
export async function quotaUsed(sql: Sql, { marketId }: MarketFixture): Promise<number> {
  const [row] = await sql<{ used: number }>(
    `select coalesce(sum(used), 0)::int as used from limit_use where market_id = $1 and name = 'messages'`,
    [marketId],
  );
  return row!.used;
}
