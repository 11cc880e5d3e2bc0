import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { AppError, type FieldErrors } from '../../errors.ts';
import { parseForm } from '../../http/form.ts';
import { isId, orNotFound } from '../../http/ids.ts';
import { answerLimit } from '../../http/rate-limit.ts';
import { sessionOf, withOpen } from '../../shoppers/shopper-auth.ts';
import { createShopperSignIn } from '../../shoppers/shopper-sign-in.service.ts';
import { codeRequest, messagesForm, sessionRequest } from '../../shoppers/shoppers.input.ts';
import { exportShopper, findProfile } from '../../shoppers/shoppers.queries.ts';
import { endSession, eraseShopper, updateShopper } from '../../shoppers/shoppers.service.ts';
import { findOpenOffer } from '../storefront.queries.ts';
import { privatePage } from './hosted-head.ts';
import { forgetShopper, rememberShopper, requireHostedShopper } from './hosted-shopper.ts';

const NEXT = ['claims', 'account'];

/** Where signing in leads on: an offer to claim, or a page. Part of the address, and only ever one of these. */
const wayOn = z.object({ offer: z.string().optional(), next: z.string().optional() });

/** Signing in by a code, and the shopper's own account, all by plain forms. */
export function hostedAccountRoutes(deps: Deps): Router {
  const signIn = createShopperSignIn(withOpen(deps));
  const { clock, config } = deps;
  const router = Router({ mergeParams: true });
  const page = (req: Request, res: Response, view: string, locals: { title: string }, status?: number) =>
    privatePage(req, res, config.publicUrl, view, locals, status);
  const profileOf = async (req: Request) =>
    orNotFound(await findProfile(req.open.direct, sessionOf(req.open), clock()));

  async function askEmail(req: Request, res: Response, form: object = {}, status = 200): Promise<void> {
    const on = onward(req);
    const offer = on.offer ? await findOpenOffer(req.open.direct, on.offer).catch(() => null) : null;
    page(req, res, 'sign-in', { title: req.t('shopper:signIn'), ...{ on, offer }, ...form }, status);
  }
  const askCode = (req: Request, res: Response, form: object, status = 200): void =>
    page(req, res, 'code', { title: req.t('shopper:codeTitle'), ...{ on: onward(req) }, ...form }, status);

  router.get('/sign-in', (req, res) => askEmail(req, res));
  router.post('/sign-in-codes', async (req, res) => {
    const form = parseForm(codeRequest.pick({ email: true }), req.body);
    if (!form.ok) return askEmail(req, res, { ...form, errors: { email: 'shopper:emailWrong' } }, 422);
    const { email } = form.data;
    const asked = { email, locale: req.locale, address: req.ip ?? '' };
    await signIn.sendCode(req.open, asked, (left) => answerLimit(res, left));
    // Shown at once and not by a redirect: the address belongs into no URL and no log.
    askCode(req, res, { email });
  });
  router.post('/sessions', async (req, res) => {
    const form = parseForm(sessionRequest.omit({ locale: true }), req.body);
    const email = form.ok ? form.data.email : String(form.values.email ?? '');
    const again = (errors: FieldErrors) => askCode(req, res, { email, errors }, 422);
    if (!form.ok) return again({ code: 'shopper:codeWrong' });
    try {
      const asked = { ...form.data, locale: req.locale, address: req.ip ?? '' };
      const { token, expiresAt } = await signIn.signIn(req.open, asked, (left) => answerLimit(res, left));
      rememberShopper(req, res, token, expiresAt);
    } catch (error) {
      if (error instanceof AppError && error.code === 'code-refused')
        return again({ code: 'shopper:codeWrong' });
      throw error;
    }
    const { offer, next } = onward(req);
    res.redirect(303, res.locals.hosted.to(offer ? `/offers/${offer}` : `/${next}`));
  });
  router.post('/sign-out', async (req, res) => {
    if (req.open.scope.actor.kind === 'shopper') await endSession(req.open.db, sessionOf(req.open), clock());
    leave(req, res, 'shopper:signedOut');
  });

  router.use('/account', requireHostedShopper);
  const showAccount = async (req: Request, res: Response, form: object = {}, status = 200) => {
    const takesPhone = withOpen(deps).open.whatsApp !== null;
    const locals = { title: req.t('shopper:account'), me: await profileOf(req), takesPhone };
    page(req, res, 'account', { ...locals, ...form }, status);
  };
  router.get('/account', (req, res) => showAccount(req, res));
  router.post('/account', async (req, res) => {
    const form = parseForm(messagesForm, req.body);
    if (!form.ok) return showAccount(req, res, form, 422);
    const { optedIn, phone, phoneOptedIn } = form.data;
    const wantsPhone = phone ? { phone, phoneOptedIn } : phone === null ? { phone } : {};
    await updateShopper(req.open.db, { optedIn, ...wantsPhone }, clock());
    res.flash('ok', optedIn || (phone && phoneOptedIn) ? 'shopper:optedIn' : 'shopper:optedOut');
    res.redirect(303, res.locals.hosted.to('/account'));
  });
  router.get('/account/export', async (req, res) => {
    res.attachment(`${req.open.market.slug}-my-data.json`);
    res.json(await exportShopper(req.open.db));
  });
  router.get('/account/deletion', (req, res) =>
    page(req, res, 'deletion', { title: req.t('shopper:delete') }),
  );
  router.post('/account/deletion', async (req, res) => {
    const { email } = await profileOf(req);
    await signIn.forget(req.open, email);
    await eraseShopper(req.open.direct);
    leave(req, res, 'shopper:deleted');
  });
  return router;
}

function onward(req: Request): { offer?: string; next: string } {
  const { offer, next = 'claims' } = wayOn.catch({}).parse(req.query);
  return { ...(isId(offer) ? { offer } : {}), next: NEXT.includes(next) ? next : 'claims' };
}

function leave(req: Request, res: Response, told: string): void {
  forgetShopper(req, res);
  res.flash('ok', told);
  res.redirect(303, res.locals.hosted.to());
}
