import type { TestPortals } from '../http.ts';
import { newCode, redemptionOf } from '../sync.ts';
import { insertCode, type TestTill, type TillCall } from '../till.ts';
import { amber } from '../two-markets.ts';
import { keyOf, type Route } from './routes.ts';

/** What a till sends to a route so that it works, by route: a new one has to be added, or the crawler says so. */
type Made = (till: TestTill, portals: TestPortals) => Promise<Partial<TillCall>>;

const CALLS: Readonly<Record<string, Made>> = {
  'GET /sync/v1/openapi.json': async () => ({ token: null, headers: { DPoP: 'none' } }),
  'GET /sync/v1/device': async () => ({}),
  'POST /sync/v1/pairings': async (_till, portals) => ({
    token: null,
    body: { code: (await insertCode(portals, amber)).code, appVersion: '1' },
  }),
  'POST /sync/v1/challenges': async (till) => ({ token: null, body: { deviceId: till.deviceId } }),
  'POST /sync/v1/tokens': async (till) => {
    const { challenge } = (await till.challenge()).body;
    return { token: null, body: { deviceId: till.deviceId, challenge }, claims: { nonce: challenge } };
  },
  'GET /sync/v1/pull': async () => ({}),
  'POST /sync/v1/push': async () => ({
    body: { operations: [redemptionOf(newCode(), { leaseId: amber.revokedLease })] },
  }),
  'POST /sync/v1/leases': async () => ({ body: { count: 1 } }),
  'DELETE /sync/v1/leases/:id': async (till) => ({
    path: `/leases/${(await till.post('/leases', { count: 1 })).body.leaseId}`,
  }),
};

/** Who comes to these has no token yet. */
const ENTRY = new Set([
  'GET /sync/v1/openapi.json',
  ...['pairings', 'challenges', 'tokens'].map((path) => `POST /sync/v1/${path}`),
]);
export const needsToken = (route: Route): boolean => !ENTRY.has(keyOf(route));

/** A request of this till to the route that works, or null where nobody has said how. */
export async function callFor(route: Route, till: TestTill, portals: TestPortals): Promise<TillCall | null> {
  const made = CALLS[keyOf(route)];
  if (!made) return null;
  const path = route.path.replace('/sync/v1', '');
  return { method: route.method as 'GET', path, ...(await made(till, portals)) };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The same body once for each id in it, with another in that one's place. */
export function withOtherIds(body: unknown, other: string): unknown[] {
  if (typeof body === 'string') return UUID.test(body) ? [other] : [];
  if (Array.isArray(body))
    return body.flatMap((each, at) => withOtherIds(each, other).map((changed) => body.with(at, changed)));
  if (typeof body !== 'object' || body === null) return [];
  return Object.entries(body).flatMap(([name, value]) =>
    withOtherIds(value, other).map((changed) => ({ ...body, [name]: changed })),
  );
}
