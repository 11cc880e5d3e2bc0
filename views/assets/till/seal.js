import { DURABLE, keepMeta, readMeta } from './store.js';
import { unsentOperations } from './sync-store.js';

const ALL = ['meta', 'offers', 'claims', 'queue'];

/**
 * What a revoked till does: what was never sent is encrypted and kept for the owner, everything else goes. From the
 * first mark on nothing is redeemed any more; a till that was killed in between finishes this when it starts again.
 */
export async function sealQueue(db, now) {
  const { sealing, device } = await readMeta(db, 'sealing', 'device');
  if (!sealing) await keepMeta(db, { sealing: { at: now }, token: undefined });
  const operations = await unsentOperations(db);
  const sealed = { ...(await encrypted(operations)), count: operations.length, at: now, ...namesOf(device) };
  const tx = db.transaction(ALL, 'readwrite', DURABLE);
  const kept = await tx.objectStore('meta').get('sealed');
  for (const name of ALL) tx.objectStore(name).clear();
  // An older seal of another market is nobody's to throw away here.
  if (kept?.count > 0) tx.objectStore('meta').put(kept, 'sealed-before');
  tx.objectStore('meta').put(sealed, 'sealed');
  await tx.done;
}

const namesOf = (device) => ({
  marketId: device?.market.id,
  market: device && { nameEn: device.market.nameEn, nameAr: device.market.nameAr },
  branch: device && { nameEn: device.branch.nameEn, nameAr: device.branch.nameAr },
  name: device?.name,
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
 * What was sealed, for a till that the same market has paired again. It is sent under the new device's name, so what the
 * old one's lease allowed is not claimed.
 */
export async function unsealed(sealed, marketId) {
  if (!sealed?.data || sealed.marketId !== marketId) return [];
  const settings = { name: 'AES-GCM', iv: sealed.iv };
  const text = await crypto.subtle.decrypt(settings, sealed.key, sealed.data);
  return JSON.parse(new TextDecoder().decode(text)).map(
    ({ data: { leaseId: _, ...data }, ...operation }) => ({
      ...operation,
      data,
      status: 'pending',
      isUnseen: false,
    }),
  );
}
