import { decodeJwt } from 'jose';
import { amber } from '../fixture/sides.ts';
import { type Login, partnerLogin, signIn, staffLogin, type TestPortal, type TestPortals } from '../http.ts';
import { type Answer, type Ask, send } from './ask.ts';

export const PEOPLE = {
  owner: partnerLogin('amber', 'owner'),
  manager: partnerLogin('amber', 'manager'),
  analyst: partnerLogin('amber', 'analyst'),
  rival: partnerLogin('basil', 'owner'),
  operator: staffLogin('operator'),
  support: staffLogin('support'),
} as const satisfies Record<string, Login>;

export type PersonName = keyof typeof PEOPLE;

/** At the public surface: with the key alone, as a shopper besides, and on hosted pages without and with a session. */
export type PublicName = 'key' | 'shopper' | 'visitor' | 'guest';

/** Somebody with a session by cookie and one by token, neither of which ever changes. */
export interface Person {
  readonly name: PersonName | PublicName | 'nobody';
  readonly portal: TestPortal;
  readonly cookie: string;
  readonly csrf: string;
  readonly token: string;
  send(ask: Ask): Promise<Answer>;
}

export async function enter(portals: TestPortals, name: PersonName): Promise<Person> {
  const login = PEOPLE[name];
  const portal = portals[login.portal];
  const browser = await signIn(portal.browser(), login);
  if (name === 'manager') await chooseFirstMarket(browser);
  await browser.get('/profile');
  browser.cookies.delete(portal.deps.cookies.flash);
  const { body } = await portal.browser().api('post', '/tokens', {
    body: {
      email: login.email,
      password: login.password,
      ...(name === 'manager' ? { marketId: amber.marketId } : {}),
    },
  });
  const { access } = portal.deps.cookies;
  browser.cookies.set(access, await lasting(portal, browser.cookies.get(access)!));
  const token = await lasting(portal, body.accessToken);
  return personOf(name, portal, browser.cookieHeader(), browser.csrf, token);
}

/** The same token for two hours: a run may take longer than ten minutes, and a renewal would look like a change. */
function lasting(portal: TestPortal, token: string): Promise<string> {
  const { iss: _iss, aud: _aud, iat: _iat, exp: _exp, ...claims } = decodeJwt(token);
  return portal.deps.tokens.sign('access', claims, { issuedAt: new Date(), seconds: 7_200 });
}

async function chooseFirstMarket(browser: Awaited<ReturnType<typeof signIn>>): Promise<void> {
  const page = await browser.get('/sign-in/market');
  if (!page.text.includes(amber.manager)) throw new Error('The manager is not asked for a market');
  await browser.submit('/sign-in/market', { member: amber.manager, next: '/' });
}

/** A visitor without a session, who still has a valid CSRF token. */
export async function stranger(portal: TestPortal): Promise<Person> {
  const browser = portal.browser();
  await browser.get('/sign-in');
  return personOf('nobody', portal, browser.cookieHeader(), browser.csrf, '');
}

export function personOf(
  name: Person['name'],
  portal: TestPortal,
  cookie: string,
  csrf: string,
  token: string,
): Person {
  const pageHeaders: Record<string, string> = {
    Accept: 'text/html',
    'Sec-Fetch-Site': 'same-origin',
    'X-CSRF-Token': csrf,
    ...(cookie ? { Cookie: cookie } : {}),
  };
  const apiHeaders: Record<string, string> = {
    Accept: 'application/json',
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
  };
  return {
    ...{ name, portal, cookie, csrf, token },
    send: (ask) => send(portal.url, ask, ask.path.startsWith('/api/') ? apiHeaders : pageHeaders),
  };
}
