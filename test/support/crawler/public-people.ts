import { keyText } from '../../../server/public/publishable-key.ts';
import { createShopperTokens } from '../../../server/shoppers/shopper-tokens.ts';
import { fixtureId } from '../fixture/sides.ts';
import type { TestPortals } from '../http.ts';
import { codeIn, openAsk } from '../shoppers.ts';
import { amber, type MarketFixture } from '../two-markets.ts';
import { send } from './ask.ts';
import { type Person, type PublicName, personOf } from './people.ts';

export const slugOf = ({ marker }: MarketFixture): string => `${marker}-main`;

/** Address and code of somebody who has asked for one and not used it yet. */
export const WAITING = { email: 'waiting@example.test', code: '' };

/** Asks for a code, so that there is one to sign in with in the rows that every request starts from. */
export async function awaitCode(portals: TestPortals): Promise<void> {
  const since = Date.now();
  await openAsk(portals.partner.url, amber)('post', '/sign-in-codes', { email: WAITING.email });
  WAITING.code = await codeIn(portals, WAITING.email, since);
}

/** Everybody whom the public surface knows: with the key, with a shopper's token, on hosted pages without and with a session. */
export async function publicPeople(
  portals: TestPortals,
  market: MarketFixture = amber,
): Promise<Readonly<Record<PublicName, Person>>> {
  const token = await tokenOf(portals, market);
  const portal = portals.partner;
  const withKey = (name: PublicName, bearer: string): Person => ({
    ...personOf(name, portal, '', '', bearer),
    send: (ask) =>
      send(portal.url, ask, {
        ...fromAnywhere(),
        'Bulkhead-Key': keyText(market.key),
        'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
        ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}),
      }),
  });
  return {
    key: withKey('key', ''),
    shopper: withKey('shopper', token),
    visitor: await onPages('visitor', portals, market, ''),
    guest: await onPages('guest', portals, market, token),
  };
}

function tokenOf({ database }: TestPortals, market: MarketFixture): Promise<string> {
  return createShopperTokens(database.tokenKeys.public).sign(
    {
      shopperId: market.shopper,
      marketId: market.marketId,
      sessionId: fixtureId('shopper_session', market.side),
    },
    new Date(),
  );
}

/** A browser with the pages' own cookies: forms bring their tokens themselves. */
async function onPages(
  name: PublicName,
  { partner }: TestPortals,
  market: MarketFixture,
  token: string,
): Promise<Person> {
  const browser = partner.browser();
  if (token) browser.cookies.set(`__Host-bulkhead-shopper-${slugOf(market)}`, token);
  await browser.get(`/m/${slugOf(market)}/sign-in`);
  const person = personOf(name, partner, browser.cookieHeader(), browser.csrf, '');
  return {
    ...person,
    send: (ask) => person.send({ ...ask, headers: { ...fromAnywhere(), ...ask.headers } }),
  };
}

let count = 0;
/** Each request from a network of its own: what the limits of one address stop is not the question here. */
const fromAnywhere = () => ({
  'X-Forwarded-For': `10.${(count >> 16) & 255}.${(count >> 8) & 255}.${count++ & 255}`,
});
