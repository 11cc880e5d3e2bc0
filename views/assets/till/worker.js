import { createClock } from './clock.js';
import { createIds } from './ids.js';
import { createProtocol } from './protocol.js';
import { sealQueue } from './seal.js';
import { openStore, readMeta } from './store.js';
import { oneAtATime, syncOnce } from './sync.js';
import { createVault } from './vault.js';

// `SHELL` is written in front of this by the server.
const { build, address, page, files } = self.SHELL;
const PREFIX = 'bulkhead-till:';
const CACHE = PREFIX + build;

self.addEventListener('install', (event) => event.waitUntil(precache()));
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));
self.addEventListener('message', ({ data }) => data === 'take-over' && self.skipWaiting());
self.addEventListener('sync', (event) => event.waitUntil(syncInBackground()));
self.addEventListener('fetch', (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname, search } = new URL(url);
  if (method !== 'GET' || origin !== self.location.origin) return;
  if (mode === 'navigate') event.respondWith(fromShell(page, event.request));
  else if (files.includes(pathname + search) || pathname.startsWith('/till/build/'))
    event.respondWith(fromShell(pathname + search, event.request));
});

/** All of a version or none of it: its files are named by their content. */
async function precache() {
  const cache = await caches.open(CACHE);
  await cache.addAll(
    [page, ...files].map((file) => new Request(file, { cache: 'no-cache', credentials: 'omit' })),
  );
}

/** Pages that still run the version before find its files; what is older goes. */
async function takeOver() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(names.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function fromShell(file, request) {
  const own = await caches.open(CACHE);
  const found = (await own.match(file)) ?? (file === page ? null : await caches.match(file));
  return found ?? fetch(request);
}

/** The browser found a network while no page may be open. What fails is tried again by the browser. */
async function syncInBackground() {
  const db = await openStore();
  try {
    const clock = createClock();
    clock.resume((await readMeta(db, 'time')).time);
    const protocol = createProtocol({
      ...{ base: `${self.location.origin}/sync/v1`, address, vault: createVault(db) },
      ...{ nextId: createIds(), now: clock.device },
    });
    await oneAtATime(() =>
      syncOnce({ db, protocol, clock, build }).catch((error) => {
        if (error.code !== 'device-revoked') throw error;
        return sealQueue(db, clock.now());
      }),
    );
  } finally {
    db.close();
    new BroadcastChannel('bulkhead-till').postMessage('changed');
  }
}
