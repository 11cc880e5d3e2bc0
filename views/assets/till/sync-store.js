import { DURABLE, putAll } from './store.js';

const UNSENT = ['pending', 'limit'];
const LISTS = new Set(['offers', 'claims']);
const KEPT_MS = 31 * 24 * 60 * 60_000;

/** What still has to be sent, oldest first: their ids grow with time. */
export async function unsentOperations(db) {
  const index = db.transaction('queue').store.index('status');
  const found = await Promise.all(UNSENT.map((status) => index.getAll(status)));
  return found.flat().sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** The server's word on each operation. An operation that it did not name stays as it was. */
export async function settleResults(db, { results }) {
  const tx = db.transaction(['queue', 'claims'], 'readwrite', DURABLE);
  const queue = tx.objectStore('queue');
  for (const { id, status, ...result } of results) {
    const operation = await queue.get(id);
    if (!operation) continue;
    queue.put({ ...operation, status, result });
    if (status === 'applied' || result.kind === 'redeemed')
      await closeClaim(tx.objectStore('claims'), operation);
  }
  await tx.done;
}

/** The next pull says so too; until then this till knows it already. */
async function closeClaim(claims, { code, redeemedAt }) {
  const claim = await claims.index('code').get(code);
  if (claim?.state === 'open') claims.put({ ...claim, state: 'redeemed', redeemedAt });
}

/** One page of changes and the cursor behind it, together or not at all. */
export async function applyChanges(db, { changes, cursor, quota }, { time, contact }) {
  const tx = db.transaction(['offers', 'claims', 'meta'], 'readwrite');
  const meta = tx.objectStore('meta');
  const device = await meta.get('device');
  for (const { collection, id, deleted, data } of changes) {
    if (!LISTS.has(collection)) applyPlace(device, { collection, id, data });
    else if (deleted) tx.objectStore(collection).delete(id);
    else tx.objectStore(collection).put({ ...data, id });
  }
  await Promise.all([...putAll(meta, { cursor, time, contact, quota, device }), tx.done]);
}

/** Names, time zone and currency of where this till stands. */
function applyPlace(device, { collection, id, data }) {
  if (data && collection === 'market' && id === device.market.id) Object.assign(device.market, data);
  if (data && collection === 'branches' && id === device.branch.id) Object.assign(device.branch, data);
}

/** What the server still allows, less what is here under the same lease and has yet to be told. */
export async function keepLease(db, { leaseId, count, expiresAt, signature }) {
  const tx = db.transaction(['queue', 'meta'], 'readwrite', DURABLE);
  const untold = (await tx.objectStore('queue').index('status').getAll('pending')).filter(
    ({ data }) => data.leaseId === leaseId,
  );
  const lease = { id: leaseId, count, used: untold.length, expiresAt, signature };
  await Promise.all([tx.objectStore('meta').put(lease, 'lease'), tx.done]);
}

/** The cursor means nothing any more (the database was restored): everything is fetched anew, nothing unsent is lost. */
export async function startOver(db) {
  const tx = db.transaction(['offers', 'claims', 'meta'], 'readwrite', DURABLE);
  tx.objectStore('offers').clear();
  tx.objectStore('claims').clear();
  tx.objectStore('meta').delete('cursor');
  await tx.done;
}

/** Settled operations stay for a month, so that the till can show what it did. */
export async function forgetOld(db, now) {
  const tx = db.transaction('queue', 'readwrite');
  for (const { id, status, redeemedAt } of await tx.store.getAll())
    if (!UNSENT.includes(status) && Date.parse(redeemedAt) < now - KEPT_MS) tx.store.delete(id);
  await tx.done;
}
