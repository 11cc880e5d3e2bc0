/**
 * Makes UUIDv7s that only ever grow, whatever the device's clock does: a clock that stands still or goes back counts
 * on from the last one.
 */
export function createIds({ now = Date.now, random = (bytes) => crypto.getRandomValues(bytes) } = {}) {
  let time = 0;
  let count = 0;
  return function nextId() {
    const bytes = random(new Uint8Array(16));
    const at = Math.max(0, Math.floor(now()));
    if (at > time) {
      time = at;
      // Half of the counter's room stays free for ids of the same millisecond.
      count = ((bytes[6] << 8) | bytes[7]) & 0x7ff;
    } else if (++count > 0xfff) {
      time++;
      count = 0;
    }
    new DataView(bytes.buffer).setUint32(0, Math.floor(time / 0x10000));
    new DataView(bytes.buffer).setUint16(4, time % 0x10000);
    new DataView(bytes.buffer).setUint16(6, 0x7000 | count);
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  };
}
