import { Router } from 'express';
import type { Deps } from '../deps.ts';
import { invalid } from '../errors.ts';
import { readBody } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { requireShopper } from '../shoppers/shopper-auth.ts';
import { shownClaim } from './claim-shown.ts';
import { claimRequest, ownClaimList, ownClaimQuery } from './claims.input.ts';
import { findOwnClaim, listOwnClaims } from './claims.queries.ts';
import { claimOffer } from './claims.service.ts';

/** A shopper's claims. Below `/public/v1`, behind publicAuth. */
export function claimsPublicRoutes({ config: { publicUrl } }: Deps): Router {
  const router = Router();
  router.use('/claims', requireShopper);
  router.get('/claims', async (req, res) => {
    const query = readBody(ownClaimQuery, req.query);
    const list = parseList(ownClaimList, { ...query, limit: String(query.limit) }, 'strict');
    const { rows, next } = await listOwnClaims(req.open.db, list);
    res.json({ items: rows.map((claim) => shownClaim(claim, publicUrl)), next });
  });
  router.post('/claims', async (req, res) => {
    const { offerId } = readBody(claimRequest, req.body);
    res.status(201).json(shownClaim(await claimOffer(req.open.direct, offerId), publicUrl));
  });
  router.get('/claims/:id', async (req, res) => {
    if (Object.keys(req.query).length > 0) {
      throw invalid(Object.fromEntries(Object.keys(req.query).map((name) => [name, 'form:unknownField'])));
    }
    res.json(shownClaim(await findOwnClaim(req.open.db, idParam(req)), publicUrl));
  });
  return router;
}
