import { keepMeta, readMeta } from './store.js';

/** Who this till is, as the protocol needs it. Read anew each time: another tab or the service worker may have gone on. */
export const createVault = (db) => ({
  async session() {
    const { device, keys, token, nonce } = await readMeta(db, 'device', 'keys', 'token', 'nonce');
    return { deviceId: device?.id, keys, token, nonce };
  },
  keep: (values) => keepMeta(db, values),
});
