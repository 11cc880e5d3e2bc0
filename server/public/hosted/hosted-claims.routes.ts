import { type Request, type Response, Router } from 'express';
import { shownClaim } from '../../claims/claim-shown.ts';
import { ownClaimList } from '../../claims/claims.input.ts';
import { claimStateOf, findOwnClaim, listOwnClaims } from '../../claims/claims.queries.ts';
import { claimOffer } from '../../claims/claims.service.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { idParam } from '../../http/ids.ts';
import { parseList } from '../../http/list-query.ts';
import { privatePage } from './hosted-head.ts';
import { requireHostedShopper } from './hosted-shopper.ts';

/** What the shopper has claimed here, each with the code to show at the till. */
export function hostedClaimsRoutes({ config: { publicUrl }, clock }: Deps): Router {
  const router = Router({ mergeParams: true });
  router.use('/claims', requireHostedShopper);
  router.get('/claims', async (req, res) => {
    const { rows, next } = await listOwnClaims(req.open.db, parseList(ownClaimList, req.query));
    const claims = rows.map((row) => ({ ...row, shownState: claimStateOf(row, clock()) }));
    privatePage(req, res, publicUrl, 'claims', { title: req.t('shopper:claims'), ...{ claims, next } });
  });
  router.post('/claims', claim);
  router.get('/claims/:id', async (req, res) => {
    const row = await findOwnClaim(req.open.db, idParam(req));
    const shown = { ...shownClaim(row, publicUrl), shownState: claimStateOf(row, clock()) };
    privatePage(req, res, publicUrl, 'claim', { title: shown.title[req.locale], ...{ claim: shown } });
  });
  return router;
}

/** What stands in the way of a claim is said on the page where it was asked for. */
async function claim(req: Request, res: Response): Promise<void> {
  const { to } = res.locals.hosted;
  const offerId = String(req.body?.offerId ?? '');
  try {
    const { id } = await claimOffer(req.open.direct, offerId);
    res.flash('ok', 'shopper:claimed');
    res.redirect(303, to(`/claims/${id}`));
  } catch (error) {
    if (!(error instanceof AppError) || error.status !== 409) throw error;
    const has = error.code === 'claimed-already' ? error.values.claimId : undefined;
    res.flash('warn', error.code === 'claimed-already' ? 'shopper:errClaimed' : 'shopper:errSoldOut');
    res.redirect(303, to(has ? `/claims/${has}` : `/offers/${offerId}`));
  }
}
