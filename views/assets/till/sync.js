import { leaseLeft } from './decide.js';
import { readMeta } from './store.js';
import { applyChanges, keepLease, settleResults, startOver, unsentOperations } from './sync-store.js';

const BATCH = 100;
const PAGE = 500;
const LEASE = 60;
/** A lease this short of redemptions or of time is replaced while there is a connection. */
const LEASE_LOW = 20;
const LEASE_SOON_MS = 2 * 60 * 60_000;

/** One at a time, whoever begins it: a tab, another tab, or the service worker. */
export const oneAtATime = (work) => navigator.locks.request('bulkhead-till-sync', work);

/**
 * Sends what is here, fetches what is new, and takes care of the lease. Killed at any point it starts again where it was:
 * an operation stays unsent until its answer is written, a page and its cursor are written together.
 * @throws Refusal
 */
export async function syncOnce({ db, protocol, clock, build }) {
  const { device, sealing } = await readMeta(db, 'device', 'sealing');
  if (!device || sealing) return;
  await pushAll({ db, protocol, clock, build });
  await pullAll({ db, protocol, clock });
  await renewLease({ db, protocol, clock }).catch(onlyCourtesy);
}

async function pushAll({ db, protocol, clock, build }) {
  const operations = await unsentOperations(db);
  for (let start = 0; start < operations.length || start === 0; start += BATCH) {
    const batch = operations.slice(start, start + BATCH);
    const answer = await protocol.push({
      operations: batch.map(({ id, data }) => ({ id, collection: 'redemptions', data })),
      state: {
        ...{ appVersion: build, queueDepth: operations.length - start },
        clock: new Date(clock.device()).toISOString(),
      },
    });
    await settleResults(db, answer);
  }
}

async function pullAll({ db, protocol, clock }) {
  for (;;) {
    const { cursor } = await readMeta(db, 'cursor');
    const page = await protocol.pull(cursor, PAGE).catch((error) => {
      if (error.code !== 'cursor-refused' || !cursor) throw error;
      return null;
    });
    if (!page) {
      await startOver(db);
      continue;
    }
    const time = clock.heard(page.serverTime);
    await applyChanges(db, page, { time, contact: { at: clock.now(), device: clock.device() } });
    if (!page.more) return;
  }
}

/** What may be redeemed without asking is taken while asking is possible. */
async function renewLease({ db, protocol, clock }) {
  const { lease } = await readMeta(db, 'lease');
  const isLow = leaseLeft(lease, clock.now()) <= LEASE_LOW;
  const endsSoon = lease && Date.parse(lease.expiresAt) - clock.now() < LEASE_SOON_MS;
  if (!isLow && !endsSoon) return;
  await keepLease(db, await protocol.lease(LEASE));
}

/** Without a lease the till goes on, it only can't promise as much offline. */
function onlyCourtesy(error) {
  if (error.status === 0 || error.code === 'device-revoked') throw error;
}
