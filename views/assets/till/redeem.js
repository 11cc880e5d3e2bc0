import { decide } from './decide.js';
import { DURABLE } from './store.js';

/** What was not refused: the code has been honoured here, or will be. */
const STANDS = new Set(['pending', 'applied', 'limit']);

/** What is known here of a code. Works in any transaction over meta, claims and queue. */
async function known(tx, code) {
  const meta = tx.objectStore('meta');
  const [claim, operations, lease, quota, sealing] = await Promise.all([
    tx.objectStore('claims').index('code').get(code),
    tx.objectStore('queue').index('code').getAll(code),
    meta.get('lease'),
    meta.get('quota'),
    meta.get('sealing'),
  ]);
  return { claim, own: operations.find(({ status }) => STANDS.has(status)), lease, quota, sealing };
}

const SEEN = ['meta', 'claims', 'queue'];

/** What this till would say about a code now. Writes nothing. */
export async function lookUp(db, code, moment) {
  const { claim, ...facts } = await known(db.transaction(SEEN), code);
  return { ...decide({ claim, ...facts, ...moment }), claim };
}

/**
 * Decides and writes in one transaction, so that two tabs can't both say yes, and nothing is shown that a power cut
 * could take back. `unseen` stays with the operation until somebody has seen its result.
 *
 * `isAccepted`: the cashier takes an unknown code under the lease.
 * @returns what was decided, and the operation if there is one now
 */
export async function redeem(db, { id, code, isAccepted, moment, redeemedAt }) {
  const tx = db.transaction(SEEN, 'readwrite', DURABLE);
  const { claim, ...facts } = await known(tx, code);
  const decided = facts.sealing ? { verdict: 'revoked' } : decide({ claim, ...facts, ...moment });
  const isYes = decided.verdict === 'valid' || (decided.verdict === 'unconfirmed' && isAccepted);
  if (!isYes) {
    await tx.done;
    return { ...decided, claim };
  }
  const operation = newOperation({ id, code, redeemedAt, claim, lease: decided.usesLease && facts.lease });
  tx.objectStore('queue').add(operation);
  if (decided.usesLease) tx.objectStore('meta').put({ ...facts.lease, used: facts.lease.used + 1 }, 'lease');
  await tx.done;
  return { ...decided, claim, operation };
}

/** `data` is sent as it stands here, always: the same id with another body would be another operation. */
const newOperation = ({ id, code, redeemedAt, claim, lease }) => ({
  id,
  code,
  redeemedAt,
  data: { code, redeemedAt, ...(lease ? { leaseId: lease.id } : {}) },
  status: 'pending',
  isKnown: Boolean(claim),
  isUnseen: true,
  shown: claim
    ? { titleEn: claim.titleEn, titleAr: claim.titleAr, price: claim.price, currency: claim.currency }
    : null,
});

/** The result was seen by somebody: it needs not be shown again after a restart. */
export async function markSeen(db, id) {
  const tx = db.transaction('queue', 'readwrite');
  const operation = await tx.store.get(id);
  if (operation?.isUnseen) tx.store.put({ ...operation, isUnseen: false });
  await tx.done;
}
