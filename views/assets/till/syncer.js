import { waitAfter } from './backoff.js';
import { sealQueue } from './seal.js';
import { oneAtATime, syncOnce } from './sync.js';
import { forgetOld } from './sync-store.js';

const EVERY_MS = 60_000;

/**
 * When this page syncs: when told, when the network comes back, and every minute; after failures less and less often.
 * `onSettled(reach)` is called after each attempt with `online`, `offline`, `refused` or `revoked`.
 */
export function createSyncer({ db, protocol, clock, build, onSettled }) {
  let failures = 0;
  let timer = null;
  let running = null;
  let next = null;
  let retryAfterMs = 0;

  async function attempt() {
    try {
      await oneAtATime(() => syncOnce({ db, protocol, clock, build }));
      await forgetOld(db, clock.device());
      failures = 0;
      await onSettled('online');
    } catch (error) {
      failures++;
      await onSettled(await reachAfter(error), error);
    } finally {
      clearTimeout(timer);
      const wait = failures > 0 ? waitAfter(failures, { retryAfterMs }) : EVERY_MS;
      timer = setTimeout(() => api.now(), wait);
    }
  }

  async function reachAfter(error) {
    retryAfterMs = error.retryAfterMs ?? 0;
    if (error.code === 'device-revoked') {
      await oneAtATime(() => sealQueue(db, clock.now()));
      return 'revoked';
    }
    return error.status === 0 ? 'offline' : 'refused';
  }

  async function round() {
    next = null;
    await attempt();
    if (!next) running = null;
  }

  const api = {
    /**
     * A round from now on: the one that runs may have read the queue already, so another one follows it.
     * @returns a promise of its end, however it ends
     */
    now() {
      if (next) return next;
      const own = (running ?? Promise.resolve()).then(round);
      if (running) next = own;
      running = own;
      return own;
    },
  };
  return api;
}
