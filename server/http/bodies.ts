import type { IncomingMessage } from 'node:http';
import { json, type RequestHandler, text } from 'express';
import { AppError, badRequest } from '../errors.ts';
import { checkReserved, checkText, parseParameters } from './parameters.ts';

const JSON_LIMIT = '100kb';
/** Percent-encoding makes nine bytes of an Arabic letter's two. */
const FORM_LIMIT = '400kb';
const DEEPEST = 12;
const JSON_TYPES = ['application/json', 'application/*+json'];

/** Turns form bodies into flat strings and JSON bodies into plain, shallow data; refuses the rest by name. */
export function bodies(): RequestHandler[] {
  return [
    text({ type: 'application/x-www-form-urlencoded', limit: FORM_LIMIT, verify: mustBeUtf8 }),
    parseJson(JSON_TYPES),
    (req, _res, next) => {
      if (typeof req.body === 'string') req.body = parseParameters(req.body);
      else if (req.body !== undefined) checkJson(req.body);
      next();
    },
  ];
}

/**
 * JSON alone, as it came over the wire: `onBytes` sees the very bytes that were sent. For programs that sign what they
 * send; a body of any other kind is refused, compressed ones among them.
 */
export function signedJson(
  limit: string | number,
  onBytes: (req: IncomingMessage, bytes: Buffer) => void,
): RequestHandler[] {
  const verify = (req: IncomingMessage, res: unknown, bytes: Buffer, encoding: string) => {
    mustBeUtf8(req, res, bytes, encoding);
    onBytes(req, bytes);
  };
  return [
    json({ type: JSON_TYPES, limit, strict: true, inflate: false, verify }),
    (req, _res, next) => {
      const { 'content-length': length = '0', 'transfer-encoding': chunked } = req.headers;
      if (req.body === undefined && (length !== '0' || chunked))
        throw new AppError(415, 'unsupported-encoding');
      if (req.body !== undefined) checkJson(req.body);
      next();
    },
  ];
}

/** Reads JSON that is sent as `text/plain`, the one type that `navigator.sendBeacon` needs no preflight for. */
export function beaconBody(): RequestHandler {
  const parse = parseJson('text/plain');
  return (req, res, next) => {
    if (!req.is('text/plain')) return next();
    parse(req, res, (error?: unknown) => {
      // Nothing above catches what is thrown in here.
      next(error ?? problemOf(req.body));
    });
  };
}

function problemOf(body: unknown): unknown {
  try {
    if (body !== undefined) checkJson(body);
    return undefined;
  } catch (error) {
    return error;
  }
}

const parseJson = (type: string | string[]) =>
  json({ type, limit: JSON_LIMIT, strict: true, verify: mustBeUtf8 });

function mustBeUtf8(_req: IncomingMessage, _res: unknown, body: Buffer, encoding: string): void {
  if (!/^utf-?8$/i.test(encoding)) throw new AppError(415, 'unsupported-encoding');
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw badRequest('bad-encoding');
  }
}

/** Walks without recursion: the depth of a body must not become the depth of our stack. */
function checkJson(body: unknown): void {
  const queue: { value: unknown; path: string; depth: number }[] = [{ value: body, path: '', depth: 0 }];
  for (let item = queue.pop(); item; item = queue.pop()) {
    const { value, path, depth } = item;
    if (typeof value === 'string') checkText(value, path);
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= DEEPEST) throw badRequest('too-deep', path.split('.')[0]);
    for (const [key, inner] of Object.entries(value)) {
      const place = path ? `${path}.${key}` : key;
      if (!Array.isArray(value)) checkReserved(key, place);
      queue.push({ value: inner, path: place, depth: depth + 1 });
    }
  }
}
