import { ScopeViolation } from './scope-violation.ts';

export type Plain = Record<string, unknown>;

/** An object that Prisma would read key by key, as opposed to a value (Date, Decimal, bytes, …). */
export function isPlain(value: unknown): value is Plain {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Own keys alone; `__proto__` as a key would become a copy's prototype. */
export function checkPlain(value: unknown, what: string): asserts value is Plain {
  if (!isPlain(value)) throw new ScopeViolation(`${what} is not a plain object`);
  if (Object.hasOwn(value, '__proto__')) throw new ScopeViolation(`${what} holds __proto__`);
}

export function entriesOf(value: unknown, what: string): [string, unknown][] {
  checkPlain(value, what);
  return Object.entries(value);
}

/** Applies `change` to an object or to each one of a list, as Prisma takes either in many places. */
export function each(value: unknown, change: (item: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map(change) : change(value);
}

export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** Whether a value can be a key: an operator object in a key's place must never pass for one. */
export function isKeyValue(value: unknown): boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value) || value instanceof Date;
}
