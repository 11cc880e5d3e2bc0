import { createClock } from './clock.js';
import { createIds } from './ids.js';
import { createProtocol } from './protocol.js';
import { sealQueue } from './seal.js';
import { registerShell } from './shell.js';
import { openStore, readMeta } from './store.js';
import { createTill } from './till.js';
import { createVault } from './vault.js';

const { build, address } = document.body.dataset;

/** Puts the parts together, finishes what a kill left half done, and shows the first screen. */
async function start() {
  const asked = takeAsked();
  const db = await openStore(() => location.reload());
  const clock = createClock();
  const { time, sealing } = await readMeta(db, 'time', 'sealing');
  clock.resume(time);
  if (sealing) await sealQueue(db, clock.now());
  const nextId = createIds();
  const protocol = createProtocol({
    ...{ base: `${location.origin}/sync/v1`, address, vault: createVault(db) },
    ...{ nextId, now: clock.device },
  });
  const till = createTill({ db, clock, nextId, protocol, build });
  const shell = await registerShell({ onWaiting: () => till.update() }).catch(() => null);
  await till.start({ shell, asked });
  window.addEventListener('hashchange', () => till.ask(takeAsked()));
}

/** A pairing code in the address is taken out of it before anything else can keep it. */
function takeAsked() {
  if (!location.hash.startsWith('#pair=')) return null;
  const asked = location.hash;
  history.replaceState(null, '', location.pathname);
  return asked;
}

start().catch((error) => {
  document.body.dataset.state = 'failed';
  document.querySelector('#failed').hidden = false;
  throw error;
});
