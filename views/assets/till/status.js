import { readMeta } from './store.js';

const NAMES = ['device', 'pin', 'sealed', 'sealing', 'lease', 'quota', 'contact', 'update'];
const HONOURED = new Set(['pending', 'applied', 'limit']);

/** Everything that screens show of the till itself, in one look. */
export async function readStatus(db) {
  const [meta, queue] = await Promise.all([readMeta(db, ...NAMES), db.getAll('queue')]);
  queue.sort((one, other) => (one.id < other.id ? 1 : -1));
  return { ...meta, queue, counts: countsOf(queue) };
}

function countsOf(queue) {
  const counts = { pending: 0, applied: 0, conflict: 0, limit: 0, refused: 0 };
  for (const { status } of queue) counts[status in counts ? status : 'refused']++;
  return counts;
}

/** What was honoured on the market's own day: how often, and for how much in each currency. */
export function totalOf(queue, dayOf, today) {
  const own = queue.filter(({ status, redeemedAt }) => HONOURED.has(status) && dayOf(redeemedAt) === today);
  const sums = new Map();
  for (const { shown } of own) {
    if (shown) sums.set(shown.currency, (sums.get(shown.currency) ?? 0) + shown.price);
  }
  return { count: own.length, sums: [...sums] };
}
