import type { Request, RequestHandler, Response } from 'express';
import type { Scope, Surface } from '../market/scope.ts';
import type { ReceiptLog, ReceiptRow } from './receipt-log.ts';
import { RequestTrace } from './trace.ts';

declare module 'express-serve-static-core' {
  interface Request {
    /** What the request does to the database; whoever makes its scope puts it there. Absent where receipts are off. */
    trace?: RequestTrace;
  }
}

/** Files and questions of machines about the process itself say nothing about anybody. */
const UNINTERESTING = /^\/(assets\/|healthz|readyz|favicon)/;
/** Somebody whose support session must leave a receipt waits for it no longer than this, in milliseconds. */
const PATIENCE = 2_000;

/** Whoever compares layers: for some requests, by what they read. */
interface Sample {
  draws(): boolean;
  take(request: {
    readonly scope: Scope;
    readonly receipt: string;
    readonly reads: RequestTrace['reads'];
  }): void;
}

/** One receipt a request, written after the answer; in a support session before it. */
export function keepReceipts(
  log: ReceiptLog,
  portal: 'admin' | 'partner',
  sample: Sample | null,
): RequestHandler {
  return (req, res, next) => {
    if (UNINTERESTING.test(req.path)) return next();
    const began = process.hrtime.bigint();
    const trace = new RequestTrace();
    trace.wantsReads = sample?.draws() ?? false;
    req.trace = trace;
    let isKept = false;
    const keep = () => {
      if (isKept) return;
      isKept = true;
      log.add(
        rowOf({ req, res, trace, portal, microseconds: Number((process.hrtime.bigint() - began) / 1000n) }),
      );
    };
    res.once('close', () => {
      keep();
      if (trace.reads.length > 0 && req.scope)
        sample?.take({ scope: req.scope, receipt: req.receipt, reads: trace.reads });
    });
    waitInSupport(req, res, () => {
      keep();
      return log.flush();
    });
    next();
  };
}

function waitInSupport(req: Request, res: Response, kept: () => Promise<void>): void {
  const end = res.end.bind(res) as (...args: unknown[]) => Response;
  res.end = ((...args: unknown[]) => {
    if (!req.scope?.support) return end(...args);
    const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE).unref());
    void Promise.race([kept(), patience]).finally(() => end(...args));
    return res;
  }) as Response['end'];
}

interface Ended {
  readonly req: Request;
  readonly res: Response;
  readonly trace: RequestTrace;
  readonly portal: 'admin' | 'partner';
  readonly microseconds: number;
}

function rowOf({ req, res, trace, portal, microseconds }: Ended): ReceiptRow {
  const scope: Scope | undefined = req.scope ?? req.open?.scope ?? req.till?.scope ?? req.session?.scope;
  const surface = scope?.surface ?? mountOf(req)?.surface ?? portal;
  const denials =
    res.statusCode === 401 || res.statusCode === 403 ? denied(trace, res.statusCode) : trace.denials;
  // One literal without spreads: those made this the dearest part of a receipt.
  return {
    id: req.receipt,
    market_id: scope?.marketId ?? null,
    at: new Date().toISOString(),
    surface,
    actor_kind: scope?.actor.kind ?? 'nobody',
    actor_id: scope?.actor.id ?? null,
    actor_name: scope?.actor.name ?? '',
    db_role: scope ? roleOf(surface) : '',
    method: req.method,
    route: routeOf(req),
    status: res.statusCode,
    duration_us: Math.min(microseconds, 2_147_483_647),
    operations: trace.models,
    models: Object.keys(trace.models),
    is_raw: Boolean(trace.models.sql?.ops.raw),
    is_denied: denials.length > 0,
    denials,
    support_session_id: scope?.support?.sessionId ?? null,
    row_ids: scope?.support ? trace.ids : null,
  };
}

const denied = ({ denials }: RequestTrace, status: number) =>
  denials.length > 0 ? denials : [{ model: 'request', code: String(status) }];

const roleOf = (surface: Surface): string => `bulkhead_${surface}`;

/** Where routers are mounted: when a request has failed, Express knows no more than the route within. */
const MOUNTS: readonly { readonly at: RegExp; readonly path: string; readonly surface?: Surface }[] = [
  { at: /^\/public\/v1(?=\/|\?|$)/, path: '/public/v1', surface: 'public' },
  { at: /^\/sync\/v1(?=\/|\?|$)/, path: '/sync/v1', surface: 'device' },
  { at: /^\/api\/v1(?=\/|\?|$)/, path: '/api/v1' },
  { at: /^\/hooks(?=\/|\?|$)/, path: '/hooks' },
  { at: /^\/m\//, path: '', surface: 'public' },
];

const mountOf = (req: Request) => MOUNTS.find(({ at }) => at.test(req.originalUrl));

/** The pattern, never the path itself: paths hold ids, codes and links that are secrets. */
function routeOf(req: Request): string {
  const path = typeof req.route?.path === 'string' ? req.route.path : '';
  if (!path) return '(none)';
  return `${mountOf(req)?.path ?? ''}${path}`.slice(0, 200);
}
