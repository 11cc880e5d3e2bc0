const PAUSE = 2_000;
const PAUSE_AFTER_FAILURE = 15_000;
const MOST = 100;

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** A UUID v7 of this instant, or a v4. `crypto.randomUUID` is missing on pages without TLS. */
export function uuid(version) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  if (version === 7)
    for (let at = Date.now(), i = 5; i >= 0; i--, at = Math.floor(at / 256)) bytes[i] = at % 256;
  bytes[6] = (bytes[6] & 15) | (version << 4);
  bytes[8] = (bytes[8] & 63) | 128;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/**
 * Reports offers that came into sight, once a page each. What was not acknowledged stays in the session's storage
 * and is sent again under the same ids, on the next page too: the server counts an id once, however often it comes.
 */
export function watchViews(api, kept, branchId) {
  const seen = new Set();
  let waiting = kept.get('events') ?? [];
  let timer = 0;

  const keep = (events) => {
    waiting = events;
    kept.set('events', events.length > 0 ? events : null);
  };
  const later = (pause) => {
    timer ||= setTimeout(() => send(), pause);
  };
  async function send(more) {
    clearTimeout(timer);
    timer = 0;
    if (waiting.length === 0) return;
    const batch = waiting.slice(0, MOST);
    const gone = () => keep(waiting.filter((event) => !batch.includes(event)));
    if (!kept.get('visitor')) kept.set('visitor', uuid(4));
    try {
      await api.report('events', { visitor: kept.get('visitor'), events: batch }, more);
      gone();
      if (waiting.length > 0) later(PAUSE);
    } catch ({ status }) {
      // What the server will never take is not offered again.
      if (status >= 400 && status < 500 && status !== 429) gone();
      else later(PAUSE_AFTER_FAILURE);
    }
  }

  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        const offerId = target.dataset.offer;
        if (!isIntersecting || seen.has(offerId)) continue;
        seen.add(offerId);
        keep([...waiting, { id: uuid(7), kind: 'view', offerId, ...(branchId ? { branchId } : {}) }]);
        later(PAUSE);
      }
    },
    { threshold: 0.5 },
  );
  addEventListener('pagehide', () => send({ keepalive: true }));
  addEventListener('online', () => send());
  if (waiting.length > 0) later(PAUSE);
  return (element) => observer.observe(element);
}
