import { randomUUID } from 'node:crypto';
import request, { type Response } from 'supertest';
import { v7 as uuid } from 'uuid';
import { keyText } from '../../server/public/publishable-key.ts';
import { createShopperTokens } from '../../server/shoppers/shopper-tokens.ts';
import type { TestDatabase } from './database.ts';
import type { TestPortals } from './http.ts';
import { mailTo } from './mail.ts';
import type { MarketFixture } from './two-markets.ts';

type Method = 'get' | 'post' | 'patch' | 'delete';

/** A shopper of one market, with whom a page of that market talks to the public surface. */
export interface TestShopper {
  readonly id: string;
  readonly email: string;
  readonly token: string;
  readonly market: MarketFixture;
  ask(method: Method, path: string, body?: object): Promise<Response>;
}

/** Any request of a page with the market's key, and a Bearer token if given. */
export function openAsk(url: string, market: MarketFixture, token?: string) {
  return async (method: Method, path: string, body?: object): Promise<Response> => {
    const sent = request(url)[method](`/public/v1${path}`).set('Bulkhead-Key', keyText(market.key));
    if (token) sent.set('Authorization', `Bearer ${token}`);
    return body === undefined ? sent : sent.send(body);
  };
}

/** The newest code in the mail to an address. */
export async function codeIn(
  portals: Pick<TestPortals, 'mailboxDir'>,
  email: string,
  after = 0,
): Promise<string> {
  const { text } = await mailTo(portals.mailboxDir, email, after);
  return /\b\d{6}\b/.exec(text)![0];
}

/** Signs in as a shopper does: a code by e-mail, then a session. */
export async function signUp(
  portals: TestPortals,
  market: MarketFixture,
  email = `${randomUUID()}@example.com`,
): Promise<TestShopper> {
  const { url } = portals.partner;
  const ask = openAsk(url, market);
  const started = Date.now();
  await ask('post', '/sign-in-codes', { email });
  const code = await codeIn(portals, email, started);
  const { body, status, text } = await ask('post', '/sessions', { email, code });
  if (status !== 201) throw new Error(`Not signed in: ${status} ${text}`);
  return { id: body.shopper.id, email, token: body.token, market, ask: openAsk(url, market, body.token) };
}

/** Many shoppers at once, written past the mail; what they hold is what signing in would have given them. */
export async function insertShoppers(
  { database, sql }: { database: TestDatabase; sql: TestPortals['sql'] },
  market: MarketFixture,
  count: number,
): Promise<{ id: string; token: string }[]> {
  const tokens = createShopperTokens(database.tokenKeys.public);
  const now = new Date();
  const rows = Array.from({ length: count }, () => ({ id: uuid(), sessionId: uuid() }));
  const [ids, sessions] = [rows.map(({ id }) => id), rows.map(({ sessionId }) => sessionId)];
  await sql('insert into shopper (market_id, id) select $1, unnest($2::uuid[])', [market.marketId, ids]);
  await sql(
    `insert into shopper_contact (market_id, shopper_id, email)
     select $1, id, id || '@example.net' from unnest($2::uuid[]) as id`,
    [market.marketId, ids],
  );
  await sql(
    `insert into shopper_session (market_id, id, shopper_id, expires_at)
     select $1, row.session, row.shopper, now() + interval '1 day' from unnest($2::uuid[], $3::uuid[]) as row (session, shopper)`,
    [market.marketId, sessions, ids],
  );
  return Promise.all(
    rows.map(async ({ id, sessionId }) => ({
      id,
      token: await tokens.sign({ shopperId: id, marketId: market.marketId, sessionId }, now),
    })),
  );
}
