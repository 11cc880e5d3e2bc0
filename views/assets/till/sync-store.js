import { DURABLE } from './store.js';

const UNSENT = ['pending', 'limit'];
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
    if (status === 'applied' || status === 'conflict') await closeClaim(tx.objectStore('claims'), operation);
  }
  await tx.done;
}

/** The next pull says so too; until then this till knows it already. */
async function closeClaim(claims, { code, redeemedAt }) {
  const claim = await claims.index('code').get(code);
  if (claim?.state === 'open') claims.put({ ...claim, state: 'redeemed', redeemedAt });
}

/** One page of changes and the cursor behind it, together or not at all. */
export async function applyChanges(db, { changes, cursor, settings, quota }, { time, contact }) {
  const tx = db.transaction(['offers', 'claims', 'meta'], 'readwrite');
  for (const { collection, id, deleted, data } of changes) {
    if (collection !== 'offers' && collection !== 'claims') continue;
    const store = tx.objectStore(collection);
    if (deleted) store.delete(id);
    else store.put({ ...data, id });
  }
  const meta = tx.objectStore('meta');
  for (const [name, value] of Object.entries({ cursor, time, contact, settings, quota }))
    if (value !== undefined) meta.put(value, name);
  await tx.done;
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
