import { createHmac } from 'node:crypto';
import express, { type Express } from 'express';
import { noteRefusals } from './audit/note-refusals.ts';
import { bearerSession, cookieSession, requireSession } from './auth/authenticate.ts';
import { watchAnswers } from './decoy/watch-answers.ts';
import type { Deps } from './deps.ts';
import { apiRouter } from './http/api.ts';
import { bodies } from './http/bodies.ts';
import { cookies } from './http/cookies.ts';
import { csrf } from './http/csrf.ts';
import { docsRoutes } from './http/docs.routes.ts';
import { errorHandler, notFoundHandler } from './http/error-handler.ts';
import { flash } from './http/flash.ts';
import { health } from './http/health.ts';
import { openApiDocument } from './http/openapi.ts';
import { queryParameters } from './http/parameters.ts';
import { preferenceRoutes } from './http/preferences.routes.ts';
import { renderer } from './http/render.ts';
import { requestId } from './http/request-id.ts';
import { requestLog } from './http/request-log.ts';
import { securityHeaders } from './http/security.ts';
import { writeLimit } from './http/write-limit.ts';
import type { Portal } from './portals/portal.ts';
import { keepReceipts } from './receipts/keep-receipts.ts';

/** The middleware order, and nothing else. Both processes are made here. */
export function createApp(portal: Portal, deps: Deps): Express {
  const { config, assets, messages, views } = deps;
  const https = config.publicUrl.startsWith('https:');
  const operations = portal.operations.flatMap((factory) => factory(deps));
  const document = openApiDocument(portal.name, config.publicUrl, operations);
  const auth = portal.auth(deps.database);
  const nav = portal.nav.filter(({ shown }) => shown?.(deps) ?? true);

  const app = express();
  app
    .disable('x-powered-by')
    .disable('etag')
    .set('query parser', false)
    .set('trust proxy', config.trustProxy);
  app.use(requestId());
  if (deps.receipts) app.use(keepReceipts(deps.receipts, portal.name, deps.layers));
  app.use(watchAnswers(deps.decoy));
  app.use(requestLog(deps.logger));
  app.use(securityHeaders({ https }));
  app.use(health(() => deps.isReady()));
  app.use(renderer({ portal: portal.name, views, assets, messages, nav }));
  // In front of cookies: they mean nothing there.
  for (const routes of portal.publicRoutes) app.use('/public/v1', routes(deps));
  for (const routes of portal.deviceRoutes) app.use('/sync/v1', routes(deps));
  for (const routes of portal.hookRoutes) app.use('/hooks', routes(deps));
  app.use(queryParameters());
  app.use(assets.router);
  app.use(cookies());
  for (const guard of portal.guards) app.use(guard(deps));
  app.use(bodies());
  app.use(preferenceRoutes({ secure: https }));

  for (const routes of portal.shopperRoutes) app.use(routes(deps));
  app.use('/api/v1', apiRouter(operations, document, [bearerSession(deps), writeLimit(deps.throttle), auth]));
  app.use('/api', notFoundHandler);

  app.use(cookieSession(deps));
  app.use(
    csrf({ cookie: deps.cookies.csrf, secrets: csrfSecrets(deps), origin: new URL(config.publicUrl).origin }),
  );
  app.use(writeLimit(deps.throttle));
  app.use(flash(deps.cookies.flash));
  for (const routes of portal.openRoutes) app.use(routes(deps));
  app.use(requireSession, auth);
  for (const routes of portal.routes) app.use(routes(deps));
  app.use(docsRoutes(document));
  app.use(notFoundHandler);
  app.use(noteRefusals(deps.denials));
  app.use(errorHandler());
  return app;
}

/** Derived, so that one key ring serves and rotates both, and neither use weakens the other. */
function csrfSecrets({ config }: Deps): string[] {
  return config.tokenKeys.map(({ key }) => createHmac('sha256', key).update('csrf').digest('hex'));
}
