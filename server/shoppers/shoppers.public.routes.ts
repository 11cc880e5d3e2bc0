import { type Request, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { readBody } from '../http/form.ts';
import { orNotFound } from '../http/ids.ts';
import { answerLimit } from '../http/rate-limit.ts';
import { requireShopper, sessionOf, withOpen } from './shopper-auth.ts';
import { createShopperSignIn, type ShopperSignIn } from './shopper-sign-in.service.ts';
import { codeRequest, profileChange, sessionRequest } from './shoppers.input.ts';
import { exportShopper, findProfile } from './shoppers.queries.ts';
import { endSession, eraseShopper, updateShopper } from './shoppers.service.ts';

/** Signing in by a code, and a shopper's own account. Below `/public/v1`, behind publicAuth. */
export function shoppersPublicRoutes(deps: Deps): Router {
  const signIn = createShopperSignIn(withOpen(deps));
  const { clock } = deps;
  const router = Router();
  router.post('/sign-in-codes', async (req, res) => {
    const asked = readBody(codeRequest, req.body);
    await signIn.sendCode(req.open, { ...asked, address: req.ip ?? '' }, (left) => answerLimit(res, left));
    res.status(202).json({});
  });
  router.post('/sessions', async (req, res) => {
    const asked = readBody(sessionRequest, req.body);
    const opened = await signIn.signIn(req.open, { ...asked, address: req.ip ?? '' }, (left) =>
      answerLimit(res, left),
    );
    res.status(201).json(opened);
  });
  router.delete('/sessions/current', requireShopper, async (req, res) => {
    await endSession(req.open.db, sessionOf(req.open), clock());
    res.status(204).end();
  });
  router.get('/me', requireShopper, async (req, res) => void res.json(await profileOf(req, clock())));
  router.patch('/me', requireShopper, async (req, res) => {
    await updateShopper(req.open.db, readBody(profileChange, req.body), clock());
    res.json(await profileOf(req, clock()));
  });
  router.delete('/me', requireShopper, (req, res) => erase(req, res, signIn, clock()));
  router.get('/me/export', requireShopper, download);
  return router;
}

const profileOf = async (req: Request, now: Date) =>
  orNotFound(await findProfile(req.open.direct, sessionOf(req.open), now));

async function erase(req: Request, res: Response, signIn: ShopperSignIn, now: Date): Promise<void> {
  const { email } = await profileOf(req, now);
  await signIn.forget(req.open, email);
  await eraseShopper(req.open.direct);
  res.status(204).end();
}

async function download(req: Request, res: Response): Promise<void> {
  const { market, db } = req.open;
  const { slug, nameEn, nameAr } = market;
  res.attachment(`${slug}-my-data.json`);
  res.json({ market: { slug, name: { en: nameEn, ar: nameAr } }, shopper: await exportShopper(db) });
}
