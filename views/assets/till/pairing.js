import { makeKeys } from './proof.js';
import { unsealed } from './seal.js';
import { DURABLE, keepMeta, putAll, readMeta } from './store.js';

/**
 * Makes this browser a till of the market whose code this is. The key is kept first: whoever has it can answer for what
 * the server may already believe. What was sealed for the same market goes back into the queue.
 * @throws Refusal
 */
export async function pairTill({ db, protocol, build }, code) {
  const { keys: kept, sealed } = await readMeta(db, 'keys', 'sealed');
  const keys = kept ?? (await makeKeys());
  await keepMeta(db, { keys });
  const answer = await protocol.pair({ code, appVersion: build }, keys);
  const { deviceId, name, market, branch, token } = answer;
  const recovered = await unsealed(sealed, market.id).catch(() => []);
  const tx = db.transaction(['meta', 'queue'], 'readwrite', DURABLE);
  const isRecovered = sealed && (sealed.count === 0 || recovered.length > 0);
  putAll(tx.objectStore('meta'), {
    ...{ device: { id: deviceId, name, market, branch }, token },
    ...(isRecovered ? { sealed: undefined } : {}),
  });
  for (const operation of recovered) tx.objectStore('queue').put(operation);
  await tx.done;
  // Asks the browser not to throw the queue away when space gets short; it may say no.
  await navigator.storage?.persist?.().catch(() => false);
  return recovered.length;
}
