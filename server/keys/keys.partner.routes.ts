import { type Request, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { parseForm } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { requireManager } from '../http/request.ts';
import { keyForm, keyList, rotationInput } from './keys.input.ts';
import { findKey, listKeys } from './keys.queries.ts';
import { createKey, revokeKey, rotateKey, updateKey } from './keys.service.ts';

type Parts = Pick<Deps, 'clock' | 'config'>;
type Handler = (parts: Parts, req: Request, res: Response) => Promise<void> | void;

/** Pages of a market's publishable keys. Those who may not make keys have no use for the list. */
export function keysPartnerRoutes({ clock, config }: Parts): Router {
  const router = Router();
  const by = (handler: Handler) => (req: Request, res: Response) => handler({ clock, config }, req, res);
  router.use('/keys', requireManager);
  router.get('/keys', by(index));
  router.get('/keys/new', (req, res) => newPage(req, res, {}));
  router.post('/keys', by(create));
  router.get('/keys/:id', by(show));
  router.post('/keys/:id', by(update));
  router.post('/keys/:id/rotation', by(rotate));
  router.post('/keys/:id/revocation', by(revoke));
  return router;
}

const index: Handler = async ({ clock }, req, res) => {
  const list = parseList(keyList, req.query);
  const page = await listKeys(req.db, list, clock());
  res.page(
    'partner/keys/index',
    { title: req.t('keys:title'), list, page },
    { fragment: 'partner/keys/list' },
  );
};

interface Form {
  readonly values?: object;
  readonly errors?: object;
}

function newPage(req: Request, res: Response, { values = {}, errors }: Form): void {
  const locals = { title: req.t('keys:new'), values, errors: errors ?? {} };
  res.page('partner/keys/new', locals, { status: errors ? 422 : 200 });
}

const create: Handler = async (_parts, req, res) => {
  const form = parseForm(keyForm, req.body);
  if (!form.ok) return newPage(req, res, form);
  const id = await createKey(req.db, form.data);
  res.flash('ok', 'keys:created');
  res.redirect(303, `/keys/${id}`);
};

const show: Handler = (parts, req, res) => keyPage(parts, req, res, {});

async function keyPage({ clock, config }: Parts, req: Request, res: Response, { values, errors }: Form) {
  const key = await findKey(req.db, idParam(req), clock());
  const locals = {
    ...{ title: key.name, key, snippet: snippetOf(config.publicUrl, key.key) },
    ...{ values: values ?? { name: key.name, origins: key.origins.join('\n') }, errors: errors ?? {} },
  };
  res.page('partner/keys/show', locals, { status: errors ? 422 : 200 });
}

/** What the market puts into its own page. */
const snippetOf = (publicUrl: string, key: string): string =>
  `<script src="${publicUrl}/widget.js" data-key="${key}" async></script>`;

const update: Handler = async (parts, req, res) => {
  const id = idParam(req);
  const form = parseForm(keyForm, req.body);
  if (!form.ok) return keyPage(parts, req, res, form);
  await updateKey(req.db, id, form.data);
  res.flash('ok', 'keys:saved');
  res.redirect(303, `/keys/${id}`);
};

const rotate: Handler = async (parts, req, res) => {
  const id = idParam(req);
  const form = parseForm(rotationInput, req.body);
  if (!form.ok) return keyPage(parts, req, res, { errors: form.errors });
  const successor = await rotateKey(req.db, id, form.data.ending, parts.clock());
  res.flash('ok', `keys:rotated.${form.data.ending}`);
  res.redirect(303, `/keys/${successor}`);
};

const revoke: Handler = async ({ clock }, req, res) => {
  const id = idParam(req);
  await revokeKey(req.db, id, clock());
  res.flash('ok', 'keys:revoked');
  res.redirect(303, `/keys/${id}`);
};
