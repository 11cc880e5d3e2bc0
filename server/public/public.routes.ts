import { type ErrorRequestHandler, Router } from 'express';
import type { Deps } from '../deps.ts';
import type { DocumentedOperation } from '../http/api.ts';
import { bodies } from '../http/bodies.ts';
import { notFoundHandler, problemHandler } from '../http/error-handler.ts';
import { commonParameters, language } from '../http/language.ts';
import { queryParameters } from '../http/parameters.ts';
import { allowOrigin, cors } from './cors.ts';
import { etags } from './etags.ts';
import type { VerifyShopper } from './open-request.ts';
import { publicDocument } from './openapi.ts';
import { publicAuth } from './public-auth.ts';
import { refuseSecrets } from './secret-keys.ts';
import { shopperAuth } from './shopper-auth.ts';

export interface PublicSurface {
  /** Each is a router that expects `req.open`. */
  readonly routes: readonly ((deps: Deps) => Router)[];
  /** What the routes say of themselves in /public/v1/openapi.json. */
  readonly operations: readonly DocumentedOperation[];
  readonly shoppers: (deps: Deps) => VerifyShopper;
}

/** Everything below /public/v1, in the order in which a request passes it. */
export function publicSurface({ routes, operations, shoppers }: PublicSurface): (deps: Deps) => Router {
  return (deps) => {
    if (!deps.open) throw new Error('This process has no door to the public surface');
    const { database, limits } = deps.open;
    const document = publicDocument(deps.config.publicUrl, operations);
    const router = Router();
    router.use(cors(), language(deps.messages), queryParameters());
    router.get('/openapi.json', (_req, res) => void res.json(document));
    router.use(refuseSecrets({ database, limits, tokens: deps.tokens, clock: deps.clock }));
    router.use(publicAuth({ database, limits }));
    router.use(shopperAuth(database, shoppers(deps)));
    router.use(commonParameters(), etags(), bodies());
    for (const each of routes) router.use(each(deps));
    router.use(notFoundHandler, readableRefusal, problemHandler());
    return router;
  };
}

/** A page must be able to read why it was refused, unless it was for the page's own origin. */
const readableRefusal: ErrorRequestHandler = (error, req, res, next) => {
  if ((error as { code?: unknown }).code !== 'origin-refused') allowOrigin(req, res);
  next(error);
};
