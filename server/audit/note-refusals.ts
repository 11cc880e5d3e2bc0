import type { ErrorRequestHandler } from 'express';
import { toAppError } from '../http/problems.ts';
import type { Denials } from './denials.ts';

/** Stands in front of the answer to an error: whoever was refused for what they are is written down. */
export function noteRefusals(denials: Denials): ErrorRequestHandler {
  return (thrown: unknown, req, _res, next) => {
    const { status, code } = toAppError(thrown);
    if (status === 403 && req.scope) {
      const route = req.route?.path ? `${req.baseUrl}${req.route.path}` : req.baseUrl;
      denials.refused(req.scope, { method: req.method, route, code });
    }
    next(thrown);
  };
}
