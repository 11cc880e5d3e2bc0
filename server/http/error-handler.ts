import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { type AppError, type FieldErrors, type Message, notFound } from '../errors.ts';
import { toAppError } from './problems.ts';

/** Everything that no route answered. */
export const notFoundHandler: RequestHandler = (_req, _res, next) => next(notFound());

/** The one place where an error becomes an answer: a page for a browser, a problem document for a program. */
export function errorHandler(): ErrorRequestHandler {
  return (thrown: unknown, req, res, next) => {
    const error = prepare(thrown, req, res);
    if (res.headersSent) return next(thrown);
    send(req, res, error);
  };
}

/** The same in the place of an answer that is made and has not gone out. */
export function answerError(thrown: unknown, req: Request, res: Response): void {
  send(req, res, prepare(thrown, req, res));
}

function send(req: Request, res: Response, error: AppError): void {
  if (wantsProblem(req)) sendProblem(req, res, error);
  else sendPage(req, res, error);
}

/** The same where nobody is ever shown a page. */
export function problemHandler(): ErrorRequestHandler {
  return (thrown: unknown, req, res, next) => {
    const error = prepare(thrown, req, res);
    if (res.headersSent) return next(thrown);
    res.removeHeader('ETag');
    res.set('Cache-Control', 'private, no-store');
    sendProblem(req, res, error);
  };
}

function prepare(thrown: unknown, req: Request, res: Response): AppError {
  const error = toAppError(thrown);
  if (isDenial(error, req)) req.trace?.deny('request', error.code);
  if (error.status >= 500)
    req.log?.error({ err: error.cause ?? error, receipt: req.receipt }, 'request failed');
  if (error.retryAfterSeconds && !res.headersSent) res.set('Retry-After', String(error.retryAfterSeconds));
  return error;
}

/** A 404 of a route that was found, too: the row is another's, or none, and nobody is told which. */
function isDenial({ status }: AppError, req: Request): boolean {
  if (status !== 404) return status === 401 || status === 403;
  return Boolean(req.route && (req.scope ?? req.open ?? req.till));
}

function wantsProblem(req: Request): boolean {
  return req.originalUrl.startsWith('/api/') || !req.t || req.accepts(['html', 'json']) !== 'html';
}

/** RFC 9457. `errors` has one entry for each field, `instance` the receipt to quote to support. */
function sendProblem(req: Request, res: Response, error: AppError): void {
  const errors = Object.entries(error.fields).map(([field, message]) => ({
    field,
    message: say(req, message, error.values),
  }));
  const problem = {
    type: `urn:bulkhead:problem:${error.code}`,
    title: title(req, error),
    status: error.status,
    detail: text(req, error),
    code: error.code,
    instance: `urn:uuid:${req.receipt}`,
    ...(errors.length > 0 ? { errors } : {}),
    ...(error.code === 'market-required' ? { markets: error.values.markets } : {}),
    ...(error.code === 'claimed-already' ? { claimId: error.values.claimId } : {}),
    ...(error.code === 'device-revoked' ? { revokedAt: error.values.revokedAt } : {}),
    ...(error.code === 'plan-limit' || error.code === 'below-use' ? error.values : {}),
  };
  res.status(error.status).type('application/problem+json').send(JSON.stringify(problem));
}

function sendPage(req: Request, res: Response, error: AppError): void {
  const locals = {
    title: title(req, error),
    text: text(req, error),
    status: error.status,
    code: error.code,
    reason: error.values.reason ?? null,
    receipt: req.receipt,
    isHome: !isShut(error) && !error.values.isOutside,
    isShut: isShut(error),
    // Whoever reads it is support: there is nobody to quote it to.
    isForSupport: Boolean(res.locals.support ?? error.values.isOutside),
    upgrade: error.values.upgrade ?? null,
    isSignedIn: Boolean(req.session),
    messages: fieldTexts(req, error.fields, error.values),
  };
  // A market that is not active has no page to go to: the portal's frame would only offer the same answer again.
  const inFrame = res.locals.user && !isShut(error);
  const layout = res.locals.hosted ? 'hosted' : inFrame ? 'app' : 'plain';
  res.page('errors/error', locals, { status: error.status, layout });
}

const isShut = ({ status, code }: AppError): boolean => status === 403 && code.startsWith('market-');

const title = (req: Request, error: AppError) =>
  say(req, `errors:${error.code}.title`, error.values, error.code);
const text = (req: Request, error: AppError) => say(req, `errors:${error.code}.text`, error.values, '');

function fieldTexts(req: Request, fields: FieldErrors, values: Record<string, unknown>): string[] {
  return Object.entries(fields).map(([field, message]) => `${field}: ${say(req, message, values)}`);
}

/** A message in the request's language; `otherwise` where the catalogue has none. */
function say(req: Request, message: Message, values: Record<string, unknown>, otherwise?: string): string {
  const [key, own] = typeof message === 'string' ? [message, {}] : message;
  if (!req.t) return otherwise ?? key;
  const found = req.t(key, { ...values, ...own, defaultValue: otherwise ?? key });
  return found;
}
