/**
 * What this page keeps for one publishable key. A page may be without storage (privacy settings, sandboxed frames):
 * then everything lasts as long as the page.
 */
export function storage(kind, key) {
  const memory = new Map();
  const name = (what) => `bulkhead:${key}:${what}`;
  const attempt = (work, otherwise) => {
    try {
      return work(window[kind]);
    } catch {
      return otherwise();
    }
  };
  return {
    get: (what) =>
      attempt(
        (kept) => JSON.parse(kept.getItem(name(what))),
        () => memory.get(what) ?? null,
      ),
    set(what, value) {
      if (value === null) {
        memory.delete(what);
        attempt(
          (kept) => kept.removeItem(name(what)),
          () => {},
        );
        return;
      }
      attempt(
        (kept) => kept.setItem(name(what), JSON.stringify(value)),
        () => memory.set(what, value),
      );
    },
  };
}
