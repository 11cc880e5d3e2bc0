import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { AppError, type FieldErrors } from '../errors.ts';
import { email, givenPassword } from '../http/fields.ts';
import { parseForm } from '../http/form.ts';
import { safePath } from '../http/preferences.routes.ts';
import { readChoice, setChoice } from './choice.ts';
import { COOKIE, clearSessionCookies, setSessionCookies } from './cookies.ts';
import { deviceOf } from './device.ts';
import type { Subject } from './session.ts';
import { checkPassword, fromOf, membershipsOf } from './sign-in.service.ts';

const next = z.string().transform(safePath).catch('/');
const signInInput = z.object({ email, password: givenPassword, next });
const choiceInput = z.object({ member: z.string(), next });

/** Sign-in by e-mail and password; a person of several markets then chooses one. */
export function signInRoutes(deps: Deps): Router {
  const router = Router();

  router.get('/sign-in', (req, res) => {
    const target = safePath(req.query.next);
    if (req.session) return res.redirect(303, target);
    showSignIn(req, res, { next: target });
  });

  router.post('/sign-in', async (req, res) => {
    const form = parseForm(signInInput, req.body);
    if (!form.ok) return showSignIn(req, res, form.values, form.errors, 422);
    try {
      const person = await checkPassword(deps, form.data.email, form.data.password, fromOf(req));
      const [first, ...others] = await membershipsOf(deps, person);
      if (others.length === 0) return await enter(deps, req, res, first, form.data.next);
      await setChoice(deps, res, person.id);
      res.redirect(303, `/sign-in/market?next=${encodeURIComponent(form.data.next)}`);
    } catch (error) {
      const refusal = refusalOf(error);
      if (error instanceof AppError && error.retryAfterSeconds)
        res.set('Retry-After', String(error.retryAfterSeconds));
      showSignIn(req, res, form.values, refusal.errors, refusal.status);
    }
  });

  router.get('/sign-in/market', async (req, res) => {
    const personId = await readChoice(deps, req);
    if (!personId) return res.redirect(303, '/sign-in');
    const memberships = await membershipsOf(deps, { id: personId });
    showChoice(req, res, memberships, { next: safePath(req.query.next) });
  });

  router.post('/sign-in/market', async (req, res) => {
    const personId = await readChoice(deps, req);
    if (!personId) return showSignIn(req, res, {}, { _form: 'auth:choiceOver' }, 422);
    const memberships = await membershipsOf(deps, { id: personId });
    const form = parseForm(choiceInput, req.body);
    const chosen = form.ok && memberships.find(({ actorId }) => actorId === form.data.member);
    if (!form.ok || !chosen)
      return showChoice(req, res, memberships, form.values, { member: 'form:notOffered' });
    res.clearCookie(deps.cookies.choice, COOKIE);
    await enter(deps, req, res, chosen, form.data.next);
  });
  return router;
}

/** Opens the session; one that this browser had before ends, or it would live on where nobody sees it. */
export async function enter(
  deps: Deps,
  req: Request,
  res: Response,
  subject: Subject,
  target: string,
): Promise<void> {
  const { session } = req;
  if (session) await deps.sessions.end(deps.database.scoped(session.scope), session.id, 'replaced');
  clearSessionCookies(res, deps.cookies);
  setSessionCookies(res, deps.cookies, await deps.sessions.open(subject, deviceOf(req), req.receipt));
  res.redirect(303, target);
}

function showSignIn(
  req: Request,
  res: Response,
  values: Record<string, unknown>,
  errors: FieldErrors = {},
  status = 200,
) {
  res.page('sign-in/index', { title: req.t('auth:signIn'), values, errors }, { status, layout: 'plain' });
}

function showChoice(
  req: Request,
  res: Response,
  memberships: unknown,
  values: Record<string, unknown>,
  errors: FieldErrors = {},
) {
  const status = Object.keys(errors).length > 0 ? 422 : 200;
  res.page(
    'sign-in/market',
    { title: req.t('auth:chooseMarket'), memberships, values, errors },
    { status, layout: 'plain' },
  );
}

/** What the form can say for itself; anything else goes to the error handler. */
export function refusalOf(error: unknown): { status: number; errors: FieldErrors } {
  if (!(error instanceof AppError)) throw error;
  if (error.status === 422) return { status: 422, errors: error.fields };
  if (error.status !== 429) throw error;
  const key = error.code === 'locked' ? 'auth:locked' : 'auth:tooMany';
  return { status: 429, errors: { _form: [key, error.values] } };
}
