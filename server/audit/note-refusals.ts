import type { ErrorRequestHandler } from 'express';
import { toAppError } from '../http/problems.ts';
import type { Denials } from './denials.ts';

/** Stands in front of the answer to an error: whoever was refused for what they are is written down. */
export function noteRefusals(denials: Denials): ErrorRequestHandler {
  return (thrown: unknown, req, _res, next) => {
    const { status, code } = toAppError(thrown);
    // Who is refused before the scope of the request is made, for want of a CSRF token say, is known by the session.
    const scope = req.scope ?? req.session?.scope;
    if (status === 403 && scope) {
      const route = req.route?.path ? `${req.baseUrl}${req.route.path}` : req.baseUrl;
      denials.refused(scope, { method: req.method, route, code });
    }
    next(thrown);
  };
}
