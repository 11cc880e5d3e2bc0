import { LIMIT_REACHED, LimitReachedError } from '../db/db.errors.ts';
import { isWriteConflict } from '../db/one-by-one.ts';
import { AppError, badRequest, busy, conflict, forbidden, invalid, notFound } from '../errors.ts';

interface Known {
  readonly name?: string;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly status?: unknown;
  readonly type?: unknown;
  readonly meta?: { target?: unknown };
}

/** What body-parser and the router refuse, under our own names. */
const BODY: Record<string, () => AppError> = {
  'entity.too.large': () => new AppError(413, 'too-large'),
  'entity.parse.failed': () => badRequest('bad-json'),
  'encoding.unsupported': () => new AppError(415, 'unsupported-encoding'),
  'charset.unsupported': () => new AppError(415, 'unsupported-encoding'),
  'request.size.invalid': () => badRequest('bad-request'),
  'request.aborted': () => badRequest('bad-request'),
};

/** Prisma's codes. Anything that isn't here is a fault of ours, and a 500. */
const PRISMA: Record<string, () => AppError> = {
  P2000: () => invalid({}, 'value-too-long'),
  P2002: () => conflict('already-exists'),
  P2003: () => conflict('still-in-use'),
  P2004: () => invalid({}, 'value-refused'),
  P2007: () => invalid({}, 'value-refused'),
  P2011: () => invalid({}, 'value-refused'),
  P2014: () => conflict('still-in-use'),
  P2015: notFound,
  P2018: notFound,
  P2020: () => invalid({}, 'value-out-of-range'),
  P2024: busy,
  P2025: notFound,
  P2028: busy,
  P1000: busy,
  P1001: busy,
  P1002: busy,
  P1003: busy,
  P1008: busy,
  P1017: busy,
};

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'ENOTFOUND',
  '57P01',
  '57P03',
  '53300',
  '3D000',
]);

/** What pg says, with no code, when a connection ends or none is free. */
const LOST = /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/;

/** Any thrown value as an AppError. Its message, stack, SQL and arguments never get further than the log. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { name = '', code, message, status, type } = (error ?? {}) as Known;
  if (error instanceof URIError) return notFound();
  if (name === 'PoolBusyError') return busy(error);
  if (name === 'ScopeRefusedError') return forbidden();
  if (name === 'MulterError') return uploadError(String(code));
  // From a gate, whose errors nobody has translated: a till that is paired.
  if (code === LIMIT_REACHED) return new LimitReachedError(String(message), error);
  if (isWriteConflict(error)) return conflict('changed-meanwhile');
  const known = BODY[String(type)] ?? (name.startsWith('PrismaClient') ? PRISMA[String(code)] : undefined);
  if (known) return known();
  if (NETWORK.has(String(code)) || LOST.test(String(message))) return busy(error);
  if (typeof status === 'number' && status >= 400 && status < 500) return new AppError(status, 'bad-request');
  return new AppError(500, 'internal', { cause: error });
}

function uploadError(code: string): AppError {
  if (code === 'LIMIT_FILE_SIZE' || code === 'LIMIT_FIELD_VALUE') return new AppError(413, 'too-large');
  return badRequest('bad-upload');
}
