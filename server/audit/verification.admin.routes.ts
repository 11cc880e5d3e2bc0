import { type Request, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { lastAnchors, lastChecks } from './verification.queries.ts';
import { createVerification, type Verification } from './verify/verification.ts';

type Parts = Pick<Deps, 'database' | 'audit' | 'clock' | 'logger'>;

/** Whether the trail is what was written: what was anchored, what was verified, and a button that verifies it now. */
export function verificationAdminRoutes(deps: Parts): Router {
  const router = Router();
  const { audit } = deps;
  if (!audit) return router;
  const verification = createVerification({ ...deps, audit });
  router.get('/audit/verification', (req, res) => show(audit, verification, req, res));
  router.post('/audit/verification', (req, res) => {
    verification.start(req.scope);
    res.redirect(303, '/audit/verification');
  });
  return router;
}

async function show(
  audit: NonNullable<Parts['audit']>,
  verification: Verification,
  req: Request,
  res: Response,
): Promise<void> {
  const state = verification.state();
  const [anchors, { checks, markets }] = await Promise.all([lastAnchors(req.db), lastChecks(req.db)]);
  const { signer, anchorDir, anchorSeconds, monthsKept, store } = audit;
  const keeping = { keyId: signer?.keyId, anchorDir, anchorSeconds, monthsKept, bucket: store?.bucket };
  const title = req.t('audit:verification.title');
  const locals = { title, anchors, checks, markets, keeping, state };
  res.page('admin/audit/verification', locals, { fragment: 'admin/audit/verification-state' });
}
