import { openDB } from './idb.js';

const NAME = 'bulkhead-till';
/** On the disk before anybody is told. */
export const DURABLE = { durability: 'strict' };

/**
 * Everything that a till keeps. `meta`: single things by name (device, keys, token, cursor, lease …); `offers` and
 * `claims`: what was pulled; `queue`: every redemption made here, until it is old.
 */
export const openStore = (onClosed = () => {}) =>
  openDB(NAME, 1, {
    upgrade(db) {
      db.createObjectStore('meta');
      db.createObjectStore('offers', { keyPath: 'id' });
      db.createObjectStore('claims', { keyPath: 'id' }).createIndex('code', 'code');
      const queue = db.createObjectStore('queue', { keyPath: 'id' });
      queue.createIndex('code', 'code');
      queue.createIndex('status', 'status');
    },
    // A newer version in another tab: it must not wait for this one.
    blocking: (_own, _newer, { target }) => {
      target.close();
      onClosed();
    },
    terminated: onClosed,
  });

export async function readMeta(db, ...names) {
  const tx = db.transaction('meta');
  const values = await Promise.all(names.map((name) => tx.store.get(name)));
  return Object.fromEntries(names.map((name, index) => [name, values[index]]));
}

/** All of them, or none. `undefined` takes a name away. */
export async function keepMeta(db, values) {
  const tx = db.transaction('meta', 'readwrite', DURABLE);
  await Promise.all([...putAll(tx.store, values), tx.done]);
}

export const putAll = (store, values) =>
  Object.entries(values).map(([name, value]) =>
    value === undefined ? store.delete(name) : store.put(value, name),
  );
