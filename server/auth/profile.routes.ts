import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { type FieldErrors, notFound } from '../errors.ts';
import { givenPassword, newPassword } from '../http/fields.ts';
import { parseForm } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { setChoice } from './choice.ts';
import { setSessionCookies } from './cookies.ts';
import { deviceName, deviceOf } from './device.ts';
import { setPassword } from './password.service.ts';
import { refusalOf } from './sign-in.routes.ts';
import { checkPassword, fromOf } from './sign-in.service.ts';

const changeInput = z.object({ currentPassword: givenPassword, newPassword });

/** One's own account: sessions, password, and the way to another market. */
export function profileRoutes(deps: Deps): Router {
  const router = Router();
  const { sessions, directory } = deps;

  router.get('/profile', (req, res) => show(req, res));

  router.post('/profile/password', async (req, res) => {
    const form = parseForm(changeInput, req.body);
    if (!form.ok) return show(req, res, form.errors, 422);
    try {
      const { email } = req.session!;
      const person = await checkPassword(deps, email, form.data.currentPassword, fromOf(req));
      await setPassword(deps, person, form.data.newPassword, req.receipt, req.locale);
    } catch (error) {
      const { status, errors } = refusalOf(error);
      return show(req, res, { currentPassword: errors._form ?? 'auth:badCredentials' }, status);
    }
    // The old session ended with all others; whoever changed the password stays signed in.
    const { actor, marketId } = req.scope;
    setSessionCookies(
      res,
      deps.cookies,
      await sessions.open({ actorId: actor.id, marketId }, deviceOf(req), req.receipt),
    );
    res.flash('ok', 'auth:profile.passwordChanged');
    res.redirect(303, '/profile');
  });

  router.post('/profile/sessions/:id/end', async (req, res) => {
    if (!(await sessions.end(req.db, idParam(req), 'removed'))) throw notFound();
    res.flash('ok', 'auth:profile.ended');
    res.redirect(303, '/profile');
  });

  router.post('/profile/market', async (req, res) => {
    const { personId } = req.session!;
    if ((await directory.memberships(personId)).length < 2) throw notFound();
    await setChoice(deps, res, personId);
    res.redirect(303, '/sign-in/market');
  });

  async function show(req: Request, res: Response, errors: FieldErrors = {}, status = 200): Promise<void> {
    const { id: current, personId } = req.session!;
    const [list, memberships] = await Promise.all([sessions.list(req.db), directory.memberships(personId)]);
    const locals = {
      title: req.t('auth:profile.title'),
      sessions: list.map((each) => ({ ...each, device: deviceName(each.userAgent) })),
      current,
      hasOtherMarkets: memberships.length > 1,
      errors,
    };
    res.page('profile/index', locals, { status });
  }
  return router;
}
