import type { ScopedClient } from '../../db/client.ts';
import type { Json } from '../task-gate.ts';
import { COMPARABLE } from './comparable.ts';

/** A read, reduced to what layers decide about: which rows of a model does this filter let through? */
export interface Question {
  readonly model: string;
  /** As JSON: it may have to be asked in another process. */
  readonly where: Json;
}

/** A read as the scoped client was asked for it. */
export interface AskedRead {
  readonly model: string;
  readonly operation: string;
  readonly args: unknown;
}

/** The delegate of one model, as much of it as comparing needs. */
export interface Reader {
  readonly fields: Readonly<Record<string, unknown>>;
  findMany(args: object): Promise<{ id: string }[]>;
  count(args: object): Promise<number>;
}

/** More is no filter that a page makes. */
const LONGEST = 4_096;

/** @returns null for what can't be compared: another kind of model, a look through relations, values that JSON has not. */
export function questionOf(db: ScopedClient, { model, operation, args }: AskedRead): Question | null {
  if (!COMPARABLE.has(model)) return null;
  const { fields } = readerOf(db, model);
  const where = (args as { where?: unknown } | undefined)?.where ?? {};
  const given = operation.startsWith('findUnique') ? keysApart(fields, where) : where;
  const json = toJson(given);
  if (json === undefined || !fields.id || !asksRowAlone(fields, json)) return null;
  return JSON.stringify(json).length > LONGEST ? null : { model, where: json };
}

/** @throws RangeError for a model that is not compared. */
export function readerOf(db: ScopedClient, model: string): Reader {
  if (!COMPARABLE.has(model)) throw new RangeError(`${model} is not compared`);
  const name = model[0]!.toLowerCase() + model.slice(1);
  return (db as unknown as Record<string, Reader>)[name]!;
}

/** A compound key as the fields it is made of, without the market: that is the layers' business. */
function keysApart(fields: Reader['fields'], where: unknown): object {
  const parts = Object.entries(where as object).map(([key, value]) =>
    fields[key] || typeof value !== 'object' ? { [key]: value } : { ...value },
  );
  const { marketId: _, ...rest } = Object.assign({}, ...parts) as Record<string, unknown>;
  return rest;
}

/**
 * Whether a filter looks at fields of the row itself alone. Asked where it is run too: with relations it could look into
 * tables that a partner may not read.
 */
export function asksRowAlone(fields: Reader['fields'], where: Json): boolean {
  if (Array.isArray(where)) return where.every((part) => asksRowAlone(fields, part as Json));
  if (where === null || typeof where !== 'object') return false;
  return Object.entries(where).every(([key, value]) =>
    /^(AND|OR|NOT)$/.test(key) ? asksRowAlone(fields, value) : key in fields,
  );
}

const DATE = '$date';

/** Undefined for what JSON can't carry there and back. An absent value says nothing in a filter, and is left out. */
function toJson(value: unknown): Json | undefined {
  if (value === null || ['string', 'boolean'].includes(typeof value)) return value as Json;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (value instanceof Date) return { [DATE]: value.toISOString() };
  if (Array.isArray(value)) return whole(value.map(toJson));
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  const given = Object.entries(value).filter(([, part]) => part !== undefined);
  const parts = whole(given.map(([, part]) => toJson(part)));
  return parts && Object.fromEntries(given.map(([key], index) => [key, parts[index]!]));
}

const whole = (parts: readonly (Json | undefined)[]): readonly Json[] | undefined =>
  parts.includes(undefined) ? undefined : (parts as readonly Json[]);

/** The filter that was written down. */
export function fromJson(value: Json): unknown {
  if (Array.isArray(value)) return value.map((part) => fromJson(part as Json));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]![0] === DATE) return new Date(String(entries[0]![1]));
  return Object.fromEntries(entries.map(([key, part]) => [key, fromJson(part as Json)]));
}
