const LATEST = Date.UTC(9999, 11, 31);

/**
 * What time it is for the server, on a device whose clock may be wrong and may be changed at any moment.
 *
 * Within a page's life the last answer and a counter that nobody can set tell it. After a cold start without a network
 * only the device's clock is there, with the difference that was seen last; it can't go back behind what is known.
 */
export function createClock({ now = Date.now, ticks = () => performance.now() } = {}) {
  let anchor = null;
  let skew = 0;
  let floor = 0;
  return {
    /** From what was kept: the difference at the last contact, and the latest time that is known to have been. */
    resume(kept) {
      skew = kept?.skew ?? 0;
      floor = kept?.floor ?? 0;
    },
    /** The server said what time it is. @returns what to keep */
    heard(serverTime) {
      const at = Date.parse(serverTime);
      if (Number.isNaN(at)) return { skew, floor };
      anchor = { at, ticks: ticks() };
      skew = at - now();
      floor = at;
      return { skew, floor };
    },
    now() {
      const at = anchor ? anchor.at + (ticks() - anchor.ticks) : now() + skew;
      floor = Math.max(floor, at);
      return floor;
    },
    /** As the device itself believes, within years that everybody can write. */
    device: () => Math.min(LATEST, Math.max(0, now())),
  };
}
