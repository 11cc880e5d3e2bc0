import { DURABLE, putAll, readMeta } from './store.js';

/** Who this till is, as the protocol needs it. Read anew each time: another tab or the service worker may have gone on. */
export const createVault = (db) => ({
  async session() {
    const { device, keys, token, nonce } = await readMeta(db, 'device', 'keys', 'token', 'nonce');
    return { deviceId: device?.id, keys, token, nonce };
  },
  /** An answer that comes after the till was wiped leaves nothing behind. */
  async keep(values) {
    const tx = db.transaction('meta', 'readwrite', DURABLE);
    if (await tx.store.getKey('keys')) putAll(tx.store, values);
    await tx.done;
  },
});
