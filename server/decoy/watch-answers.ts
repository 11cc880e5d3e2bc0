import type { Request, RequestHandler, Response } from 'express';
import type { DecoyWatch } from './decoy-watch.ts';

type Write = (chunk: unknown, ...rest: unknown[]) => unknown;

/** Looks through every answer of the process, streams too, before its bytes go out. The answer itself is left as it is. */
export function watchAnswers(watch: DecoyWatch): RequestHandler {
  return (req, res, next) => {
    if (watch.mark !== null) follow(watch, req, res);
    next();
  };
}

function follow(watch: DecoyWatch, req: Request, res: Response): void {
  let tail = '';
  let isReported = false;
  const look = (chunk: unknown) => {
    if (isReported || (typeof chunk !== 'string' && !(chunk instanceof Uint8Array))) return;
    const most = watch.mark!.length - 1;
    // A mark may be cut in two by the end of a chunk.
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1');
    isReported = watch.sees(tail + text);
    tail = (tail + text).slice(-most);
    if (isReported) watch.report(sightingOf(req, res));
  };
  const wrap = (name: 'write' | 'end') => {
    const original = res[name].bind(res) as Write;
    (res as unknown as Record<string, Write>)[name] = (chunk, ...rest) => {
      look(chunk);
      return original(chunk, ...rest);
    };
  };
  wrap('write');
  wrap('end');
}

function sightingOf(req: Request, res: Response) {
  const scope = req.scope ?? req.open?.scope ?? req.till?.scope;
  return {
    place: res.hasHeader('Content-Disposition') ? ('file' as const) : ('answer' as const),
    ...(scope ? { surface: scope.surface } : {}),
    receipt: req.receipt,
    viewerMarket: scope?.marketId ?? null,
    viewer: scope ? `${scope.actor.kind} ${scope.actor.id}` : '',
    route: `${req.method} ${req.baseUrl}${typeof req.route?.path === 'string' ? req.route.path : ''}`,
  };
}
