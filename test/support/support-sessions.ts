import assert from 'node:assert/strict';
import { type Browser, staffLogin, type TestPortals } from './http.ts';
import { amber, type MarketFixture } from './two-markets.ts';

export const SUPPORT_COOKIE = '__Host-bulkhead-partner-support';

const form = { reason: 'Offers are missing on the shop page', ticket: 'CASE-4711', minutes: '30' };

/** A session that support has asked for, through the real form. */
export async function requestSession(
  staff: Browser,
  market: MarketFixture = amber,
  fields: Record<string, string> = {},
): Promise<string> {
  await staff.get(`/markets/${market.marketId}/support-sessions/new`);
  const answer = await staff.submit('/support-sessions', { marketId: market.marketId, ...form, ...fields });
  assert.equal(answer.status, 303, answer.text);
  return answer.headers.location!.split('/').at(-1)!;
}

/** The one-time link of a session, as a path of the partner portal. */
export async function linkOf(staff: Browser, id: string): Promise<string> {
  await staff.get(`/support-sessions/${id}`);
  const { status, text } = await staff.submit(`/support-sessions/${id}/link`);
  assert.equal(status, 200, text);
  return /href="https?:\/\/[^"/]+(\/support-session\/entry\?code=[\w-]+)"/.exec(text)![1]!;
}

/** Follows a link to the page behind it and begins. */
export async function follow(agent: Browser, link: string) {
  // For a token of its forms: the page of a link that is over has none.
  if (agent.csrf === '') await agent.get('/sign-in');
  await agent.get(link);
  return agent.submit('/support-session/entry', { code: new URL(link, agent.url).searchParams.get('code')! });
}

/** A support session that is open: who asked for it, and the browser that looks. */
export async function openSession(portals: TestPortals, market: MarketFixture = amber) {
  const staff = await portals.signIn(staffLogin('support'));
  const id = await requestSession(staff, market);
  const agent = portals.partner.browser();
  const entered = await follow(agent, await linkOf(staff, id));
  assert.equal(entered.status, 303, entered.text);
  assert.ok(agent.cookies.has(SUPPORT_COOKIE));
  return { staff, agent, id };
}

/**
 * What requests may do to the database although nothing of a market is written: counters of rate limits, receipts, and
 * the platform's trail, which says what was refused.
 */
const BOOKKEEPING = [
  ...['partner_throttle', 'admin_throttle', 'receipt', 'platform_receipt', 'receipt_loss'],
  ...['platform_audit_entry', 'platform_audit_link', 'platform_audit_head'],
];

/** Every table with what is in it, as one digest each. */
export async function contents({ sql }: Pick<TestPortals, 'sql'>): Promise<Record<string, string>> {
  const tables = await sql<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
       and not relispartition and relname <> all($1) order by 1`,
    [BOOKKEEPING],
  );
  const digests = tables.map(
    ({
      name,
    }) => `select '${name}' as name, count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '')
      as digest from public."${name}" t`,
  );
  const rows = await sql<{ name: string; digest: string }>(digests.join(' union all '));
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]));
}

export async function setConsent(
  { sql }: Pick<TestPortals, 'sql'>,
  consent: 'always' | 'ask' | 'never',
  market: MarketFixture = amber,
): Promise<void> {
  await sql('update market set support_consent = $1 where id = $2', [consent, market.marketId]);
}

/** Lets the time of a session that is open be over. */
export const runOut = ({ sql }: Pick<TestPortals, 'sql'>, id: string) =>
  sql(
    `with off as (select set_config('session_replication_role', 'replica', true))
     update support_session set opened_at = now() - interval '1 hour', expires_at = now() - interval '1 second'
     from off where id = $1`,
    [id],
  );
