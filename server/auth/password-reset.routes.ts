import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import type { FieldErrors } from '../errors.ts';
import { email, newPassword } from '../http/fields.ts';
import { parseForm } from '../http/form.ts';
import { personOfReset, requestReset, setPassword } from './password.service.ts';
import { refusalOf } from './sign-in.routes.ts';

const requestInput = z.object({ email });
const chooseInput = z.object({ password: newPassword });

export function passwordResetRoutes(deps: Deps): Router {
  const router = Router();

  router.get('/password-reset', (req, res) => showRequest(req, res, {}));

  router.post('/password-reset', async (req, res) => {
    const form = parseForm(requestInput, req.body);
    if (!form.ok) return showRequest(req, res, form, 422);
    try {
      await requestReset(deps, form.data.email, req.ip ?? '', req.locale);
      showRequest(req, res, { sent: true });
    } catch (error) {
      const { status, errors } = refusalOf(error);
      showRequest(req, res, { values: form.values, errors }, status);
    }
  });

  router.get('/password-reset/:token', async (req, res) => {
    const person = await personOfReset(deps, req.params.token);
    showChoose(req, res, person ? req.params.token : undefined);
  });

  router.post('/password-reset/:token', async (req, res) => {
    const person = await personOfReset(deps, req.params.token);
    if (!person) return showChoose(req, res, undefined);
    const form = parseForm(chooseInput, req.body);
    if (!form.ok) return showChoose(req, res, req.params.token, form.errors);
    await setPassword(deps, person, form.data.password, req.receipt, req.locale);
    res.flash('ok', 'auth:reset.done');
    res.redirect(303, '/sign-in');
  });
  return router;
}

function showRequest(req: Request, res: Response, locals: object, status = 200): void {
  res.page(
    'password-reset/index',
    { title: req.t('auth:reset.title'), ...locals },
    { status, layout: 'plain' },
  );
}

function showChoose(req: Request, res: Response, token: string | undefined, errors: FieldErrors = {}): void {
  const status = !token ? 410 : Object.keys(errors).length > 0 ? 422 : 200;
  res.page(
    'password-reset/choose',
    { title: req.t('auth:reset.choose'), token, errors },
    { status, layout: 'plain' },
  );
}
