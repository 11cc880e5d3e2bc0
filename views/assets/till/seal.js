import { DURABLE, keepMeta, readMeta } from './store.js';
import { unsentOperations } from './sync-store.js';

const ALL = ['meta', 'offers', 'claims', 'queue'];

/**
 * What a revoked till does: what was never sent is encrypted and kept for the owner, everything else goes. From the
 * first mark on nothing is redeemed any more; a till that was killed in between finishes this when it starts again. Of
 * several that were told at the same time one seals, and the others find nothing to do.
 */
export async function sealQueue(db, now) {
  const { sealing, device } = await readMeta(db, 'sealing', 'device');
  if (!device) return;
  if (!sealing) await keepMeta(db, { sealing: { at: now }, token: undefined });
  const operations = await unsentOperations(db);
  const sealed = { ...(await encrypted(operations)), count: operations.length, at: now, ...namesOf(device) };
  const tx = db.transaction(ALL, 'readwrite', DURABLE);
  const meta = tx.objectStore('meta');
  if (await meta.get('device')) {
    // Seals of other markets are nobody's to throw away here.
    const kept = ((await meta.get('sealed')) ?? []).filter(({ count }) => count > 0);
    for (const name of ALL) tx.objectStore(name).clear();
    meta.put([...kept, sealed], 'sealed');
  }
  await tx.done;
}

const namesOf = ({ market, branch, name }) => ({
  marketId: market.id,
  market: { nameEn: market.nameEn, nameAr: market.nameAr },
  branch: { nameEn: branch.nameEn, nameAr: branch.nameAr },
  name,
});

/** Under a key that this browser may use and nobody may read. */
async function encrypted(operations) {
  if (operations.length === 0) return {};
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = new TextEncoder().encode(JSON.stringify(operations));
  return { key, iv, data: await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, text) };
}

/**
 * What was sealed for a market, for a till that it has paired again. It is sent under the new device's name, so what the
 * old one's lease allowed is not claimed.
 */
export async function unsealed(sealed, marketId) {
  const own = sealed.filter((each) => each.data && each.marketId === marketId);
  return (await Promise.all(own.map(decrypted))).flat();
}

async function decrypted({ iv, key, data: cipher }) {
  const text = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, cipher);
  const operations = JSON.parse(new TextDecoder().decode(text));
  return operations.map(({ data: { leaseId: _, ...data }, ...operation }) => ({
    ...operation,
    data,
    status: 'pending',
    isUnseen: false,
  }));
}
