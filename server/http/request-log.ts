import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';

/** Paths that carry a secret of their own. */
const SECRET_PATH = /^\/(invitations|password-reset|unsubscribe)\/[^/?]+/;

/** One line a request: no query, no headers, no body, because each of them may hold something secret. */
export function requestLog(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    quietReqLogger: true,
    wrapSerializers: false,
    serializers: { req: () => undefined, res: () => undefined, err: describeError },
    autoLogging: { ignore: (req) => /^\/(assets\/|healthz|readyz)/.test(req.url ?? '') },
    customLogLevel: (_req, res, error) => (error || res.statusCode >= 500 ? 'error' : 'info'),
    customSuccessObject: (req, res, value) => ({ ...value, ...line(req, res) }),
    customErrorObject: (req, res, _error, value) => ({ ...value, ...line(req, res) }),
  }) as unknown as RequestHandler;
}

function line(request: IncomingMessage, res: ServerResponse) {
  const req = request as unknown as Partial<Request>;
  const scope = req.scope ?? req.open?.scope ?? req.till?.scope;
  return {
    receipt: req.receipt,
    method: req.method,
    path: logPath(req.originalUrl ?? ''),
    status: res.statusCode,
    market: scope?.marketId ?? undefined,
    actor: scope?.actor.id,
  };
}

function logPath(url: string): string {
  return (url.split('?')[0] ?? '').replace(SECRET_PATH, '/$1/…').slice(0, 300);
}

/**
 * An error as the log keeps it: its kind and place. Prisma writes the call's arguments into its messages, and pg hangs
 * the whole connection on an error, its cancel key included.
 */
export function describeError(error: unknown) {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, code } = error as Error & { code?: unknown };
  const stack = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12);
  const message = name.startsWith('PrismaClient') ? undefined : error.message.slice(0, 500);
  return { type: name, code, message, stack: stack.join('\n') };
}
