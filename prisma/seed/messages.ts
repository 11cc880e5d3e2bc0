import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { DAY, HOUR, localTime } from './clock.ts';
import { demoId } from './ids.ts';
import { DEMO_MARKETS, type DemoMarket } from './market-list.ts';
import { memberOf } from './people.ts';
import { randomFor } from './random.ts';
import { insertRows } from './rows.ts';

/** The market that sends messages in the demo. */
const SENDER = 'murooj';

const recipientColumns = {
  ...{
    market_id: 'uuid',
    id: 'uuid',
    campaign_id: 'uuid',
    shopper_id: 'uuid',
    channel: 'text',
    locale: 'text',
  },
  ...{ state: 'text', period: 'date', queued_at: 'timestamptz', attempt_id: 'uuid', attempts: 'integer' },
  ...{ attempted_at: 'timestamptz', provider_digest: 'text', reason: 'text', sent_at: 'timestamptz' },
  settled_at: 'timestamptz',
};

interface Reader {
  readonly id: string;
  readonly locale: string;
}

/** A campaign that was sent, one that goes out next week, and a draft: to demo shoppers, and to nobody else. */
export async function writeMessages(client: ClientBase, today: Date): Promise<void> {
  const market = DEMO_MARKETS.find(({ slug }) => slug === SENDER)!;
  const offers = await lastingOffers(client, market, today);
  const sentAt = localTime(today, -3, '17:30', market.country.timeZone);
  const nextAt = localTime(today, 6, '10:00', market.country.timeZone);
  const sentTo = await readersOf(client, market, sentAt, null);
  const nextTo = await readersOf(client, market, today, 'en');
  const member = memberOf(market, 'manager').id;
  const campaign = (n: number, createdAt: Date) => ({
    ...{
      market_id: market.id,
      id: demoId('campaign', n),
      offer_id: offers[n % offers.length]!,
      member_id: member,
    },
    ...{ claimed_days: null, locale: null, created_at: createdAt, send_at: null, size: 0, state: 'draft' },
    ...{ confirmed_by: null, confirmed_at: null, started_at: null, finished_at: null },
  });
  const confirmed = (at: Date, size: number) => ({ send_at: at, size, confirmed_by: member });
  const rows = [
    {
      ...{
        ...campaign(0, new Date(sentAt.getTime() - HOUR)),
        ...confirmed(sentAt, sentTo.length),
        state: 'sent',
      },
      ...{ confirmed_at: sentAt, started_at: sentAt, finished_at: new Date(sentAt.getTime() + HOUR / 4) },
    },
    {
      ...{ ...campaign(1, new Date(today.getTime() - DAY)), ...confirmed(nextAt, nextTo.length) },
      ...{ state: 'scheduled', locale: 'en', confirmed_at: new Date(today.getTime() - DAY + HOUR) },
    },
    { ...campaign(2, new Date(today.getTime() - 2 * HOUR)), claimed_days: 30 },
  ];
  for (const row of rows) await insertCampaign(client, row);
  const recipients = [
    ...sentTo.map((reader, n) => sentRow(market, rows[0]!.id, reader, n, sentAt)),
    ...nextTo.map((reader, n) =>
      queuedRow(market, rows[1]!.id, reader, 100_000 + n, rows[1]!.confirmed_at!, nextAt),
    ),
  ];
  await insertRows(client, 'message_recipient', recipientColumns, recipients);
  await client.query(QUOTA, [market.id]);
}

/** What was taken out of each month's quota, as confirming and passing over would have left it. */
const QUOTA = `
  insert into limit_use (market_id, name, period, used)
  select market_id, 'messages', period, count(*) from message_recipient
  where market_id = $1 and state not in ('skipped', 'cancelled') group by 1, 3
  on conflict (market_id, name, period) do update set used = limit_use.used + excluded.used`;

async function insertCampaign(client: ClientBase, row: Readonly<Record<string, unknown>>): Promise<void> {
  const names = [...Object.keys(row), 'channels'];
  const places = names.map((_, index) => `$${index + 1}`).join(', ');
  await client.query(`insert into message_campaign (${names.join(', ')}) values (${places})`, [
    ...[...Object.values(row), ['email']],
  ]);
}

async function lastingOffers(client: ClientBase, market: DemoMarket, today: Date): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select id from offer where market_id = $1 and state = 'live' and coalesce(starts_at < $2, true)
       and coalesce(ends_at > $3, true) order by id limit 3`,
    [market.id, new Date(today.getTime() - 4 * DAY), new Date(today.getTime() + 7 * DAY)],
  );
  return rows.map(({ id }) => id);
}

async function readersOf(
  client: ClientBase,
  market: DemoMarket,
  at: Date,
  locale: string | null,
): Promise<Reader[]> {
  const { rows } = await client.query<Reader>(
    `select shopper.id, shopper.locale from shopper join shopper_contact as contact
       on contact.market_id = shopper.market_id and contact.shopper_id = shopper.id
     where shopper.market_id = $1 and contact.opted_in_at < $2 and coalesce(shopper.locale = $3, true) order by shopper.id`,
    [market.id, at, locale],
  );
  return rows;
}

function queuedRow(
  market: DemoMarket,
  campaign: string,
  { id, locale }: Reader,
  n: number,
  queuedAt: Date,
  at: Date,
) {
  return {
    ...{
      market_id: market.id,
      id: demoId('recipient', n),
      campaign_id: campaign,
      shopper_id: id,
      channel: 'email',
    },
    ...{
      locale,
      state: 'queued',
      period: monthOf(market, at),
      queued_at: queuedAt,
      attempt_id: null,
      attempts: 0,
    },
    ...{ attempted_at: null, provider_digest: null, reason: null, sent_at: null, settled_at: null },
  };
}

/** Mostly sent; some boxes no longer exist, some readers opted out meanwhile, and of one nobody knows. */
function sentRow(market: DemoMarket, campaign: string, reader: Reader, n: number, sentAt: Date) {
  const row = queuedRow(market, campaign, reader, n, sentAt, sentAt);
  const at = new Date(sentAt.getTime() + 1_000 + n * 180);
  const chance = randomFor(`${market.slug}/messages/${n}`).next();
  const tried = { attempt_id: row.id, attempts: 1, attempted_at: at };
  if (n === 7) return { ...row, ...tried, state: 'unknown', reason: 'ECONNECTION' };
  if (chance < 0.01) return { ...row, state: 'skipped', settled_at: at };
  if (chance < 0.03) return { ...row, ...tried, state: 'failed', reason: 'smtp-550', settled_at: at };
  const digest = createHash('sha256').update(row.id).digest('hex');
  return { ...row, ...tried, state: 'sent', provider_digest: digest, sent_at: at };
}

const monthOf = ({ country }: DemoMarket, at: Date): string =>
  `${new Intl.DateTimeFormat('en-CA-u-ca-iso8601', { timeZone: country.timeZone, dateStyle: 'short' }).format(at).slice(0, 7)}-01`;
