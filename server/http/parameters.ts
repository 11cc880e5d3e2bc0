import type { RequestHandler } from 'express';
import { badRequest } from '../errors.ts';

export type Parameters = Record<string, string | string[]>;

const LONGEST_NAME = 100;
const MOST = 2_000;
/** Names that mean something to JavaScript itself. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads `a=1&b=2` strictly. A name may come once; a list says so by its name, `ids[]=1&ids[]=2`, and arrives
 * as `ids`. Nothing else has structure: `a[b]=1` is refused, so no object can stand where a string is expected.
 * @throws AppError 400 naming the field: bad encoding, NUL, duplicate or reserved name, too many.
 */
export function parseParameters(text: string): Parameters {
  const found: Parameters = {};
  if (text === '') return found;
  const pairs = text.split('&');
  if (pairs.length > MOST) throw badRequest('too-many-parameters');
  for (const pair of pairs) {
    if (pair === '') continue;
    const split = pair.indexOf('=');
    const name = decode(split < 0 ? pair : pair.slice(0, split), '');
    const value = split < 0 ? '' : decode(pair.slice(split + 1), name);
    addParameter(found, name, value);
  }
  return found;
}

/** Adds one name and value under the rules above; for multipart forms too. */
export function addParameter(found: Parameters, name: string, value: string): void {
  const isList = name.endsWith('[]');
  const key = isList ? name.slice(0, -2) : name;
  checkName(key);
  checkText(value, key);
  const before = Object.hasOwn(found, key) ? found[key] : undefined;
  if (before === undefined) found[key] = isList ? [value] : value;
  else if (isList && Array.isArray(before)) before.push(value);
  else throw badRequest('duplicate-parameter', key);
}

/** @throws AppError 400 for NUL or half a surrogate pair, which PostgreSQL can't store. */
export function checkText(value: string, field: string): void {
  if (value.includes('\0')) throw badRequest('nul-character', field);
  if (!(value as string & { isWellFormed(): boolean }).isWellFormed())
    throw badRequest('bad-encoding', field);
}

/** @param place where the name stands, for the answer. */
export function checkReserved(name: string, place = name): void {
  checkText(name, 'name');
  if (RESERVED.has(name)) throw badRequest('reserved-name', place);
}

function checkName(name: string): void {
  checkReserved(name);
  if (name.length > LONGEST_NAME || !/^[A-Za-z_$][\w.$-]*$/.test(name)) {
    throw badRequest('bad-name', name.slice(0, LONGEST_NAME).replace(/[^\x20-\x7e]/g, '?'));
  }
}

function decode(text: string, field: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch {
    throw badRequest('bad-encoding', field);
  }
}

/** Replaces Express's lenient query parser: `req.query` holds strings, and lists only where `name[]` asked. */
export function queryParameters(): RequestHandler {
  return (req, _res, next) => {
    const at = req.url.indexOf('?');
    const query = parseParameters(at < 0 ? '' : req.url.slice(at + 1));
    Object.defineProperty(req, 'query', { value: query, configurable: true, enumerable: true });
    next();
  };
}
