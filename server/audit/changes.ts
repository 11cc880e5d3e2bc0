/** One field, as it was and as it is; absent on the side where there was nothing. */
export interface Change {
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Stands in the place of what nobody may read in a trail. */
export const MASK = '***';

/** A value that is personal: that it changed is told, and nothing more. */
export class Hidden {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/** Names of fields whose values are secrets or as good as one. Ids of keys and who holds them are none. */
const SECRET =
  /password|secret|token|digest|hash|privatekey|(^|_)pin$|(^|_)otp$|credential|authorization|cookie/i;
const LONGEST = 2_000;

/**
 * What differs between two states of a thing, field by field. Without `before` all of `after` is new, and the other way
 * around. Secrets are masked on both sides: that one was changed is told, and nothing more.
 * @returns null when nothing differs
 */
export function changesOf(
  before: object | null | undefined,
  after: object | null | undefined,
): Record<string, Change> | null {
  const [was, is] = [(before ?? {}) as Record<string, unknown>, (after ?? {}) as Record<string, unknown>];
  const changes: Record<string, Change> = {};
  // A field that is not mentioned afterwards was not touched; where there is no afterwards it is gone.
  for (const name of Object.keys(after ? is : was)) {
    const isHidden = was[name] instanceof Hidden || is[name] instanceof Hidden;
    const [old, now] = [plain(was[name]), plain(is[name])];
    if (JSON.stringify(old) === JSON.stringify(now)) continue;
    changes[name] = {
      ...(before && old !== undefined ? { before: told(name, old, isHidden) } : {}),
      ...(after && now !== undefined ? { after: told(name, now, isHidden) } : {}),
    };
  }
  return Object.keys(changes).length > 0 ? changes : null;
}

const told = (name: string, value: unknown, isHidden: boolean): unknown =>
  (isHidden || SECRET.test(name)) && value !== null ? MASK : shortened(masked(value));

/** Secrets inside of what a field holds. */
function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, SECRET.test(name) ? MASK : masked(inner)]),
  );
}

function shortened(value: unknown): unknown {
  if (typeof value === 'string') return value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
  const written = JSON.stringify(value);
  return written !== undefined && written.length > LONGEST ? `${written.slice(0, LONGEST)}…` : value;
}

/** As JSON keeps it: instants as text, and whatever else says how it wants to be written. */
function plain(value: unknown): unknown {
  if (value instanceof Hidden) return plain(value.value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
