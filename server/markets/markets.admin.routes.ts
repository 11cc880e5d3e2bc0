import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { parseForm } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { requireOperator } from '../http/request.ts';
import { isBelowUse } from '../plans/below-use.ts';
import { sendInvitation } from '../team/invitation-mail.ts';
import { statesAfter } from './market-states.ts';
import { sendMarketsCsv } from './markets.export.ts';
import { bulkInput, marketInput, marketList, marketSettings, stateInput } from './markets.input.ts';
import { everyMarket, findMarket, listMarkets, listPlans } from './markets.queries.ts';
import {
  createMarket,
  renewOwnerInvitation,
  setMarketState,
  setMarketStates,
  updateMarket,
} from './markets.service.ts';

/** Pages of all markets. Support staff look; operators act. */
export function marketsAdminRoutes(deps: Deps): Router {
  const router = Router();
  router.get('/markets', index);
  router.get('/markets/export.csv', (req, res) =>
    sendMarketsCsv(res, everyMarket(req.db, parseList(marketList, req.query))),
  );
  router.get('/markets/new', requireOperator, (req, res) => newPage(req, res, { values: NEW }));
  router.post('/markets', requireOperator, create(deps));
  router.post('/markets/states', requireOperator, bulk);
  router.get('/markets/:id', async (req, res) => showPage(req, res, idParam(req)));
  router.post('/markets/:id', requireOperator, (req, res) => update(req, res, deps.clock()));
  router.post('/markets/:id/state', requireOperator, changeState);
  router.post('/markets/:id/members/:memberId/invitation', requireOperator, renew(deps));
  return router;
}

const NEW = { locale: 'en', planId: 'free', timeZone: 'Asia/Riyadh', currency: 'SAR' };

interface Form {
  readonly values: Record<string, unknown>;
  readonly errors?: object;
  /** A plan that allows less than is used: said before it is changed. */
  readonly below?: AppError;
}

async function index(req: Request, res: Response): Promise<void> {
  const list = parseList(marketList, req.query);
  const [page, plans] = await Promise.all([listMarkets(req.db, list), listPlans(req.db)]);
  res.page(
    'admin/markets/index',
    { title: req.t('markets:title'), list, page, plans },
    { fragment: 'admin/markets/list' },
  );
}

async function newPage(req: Request, res: Response, { values, errors }: Form): Promise<void> {
  const plans = await listPlans(req.db);
  const locals = { title: req.t('markets:new'), plans, values, errors: errors ?? {} };
  res.page('admin/markets/new', locals, { status: errors ? 422 : 200 });
}

async function showPage(req: Request, res: Response, id: string, form?: Form): Promise<void> {
  const [market, plans] = await Promise.all([findMarket(req.db, id), listPlans(req.db)]);
  const title = req.locale === 'ar' ? market.nameAr : market.nameEn;
  const next = statesAfter(market.state);
  const locals = { title, market, plans, next, values: form?.values ?? market, errors: form?.errors ?? {} };
  const overruns = form?.below?.values.overruns ?? null;
  const status = form ? (form.below?.status ?? 422) : 200;
  res.page('admin/markets/show', { ...locals, overruns }, { status });
}

const create =
  (deps: Deps): RequestHandler =>
  async (req, res) => {
    const form = parseForm(marketInput, req.body);
    if (!form.ok) return newPage(req, res, form);
    const input = form.data;
    try {
      const { id, secret } = await createMarket(req.db, input, deps.clock());
      const owner = { name: input.ownerName, email: input.ownerEmail, locale: input.locale };
      await sendInvitation(deps, owner, input, secret);
      res.flash('ok', ['markets:created', { email: input.ownerEmail }]);
      res.redirect(303, `/markets/${id}`);
    } catch (error) {
      if (!(error instanceof AppError) || error.status !== 422) throw error;
      await newPage(req, res, { values: form.values, errors: error.fields });
    }
  };

async function update(req: Request, res: Response, now: Date): Promise<void> {
  const id = idParam(req);
  const form = parseForm(marketSettings, req.body);
  if (!form.ok) return showPage(req, res, id, form);
  try {
    await updateMarket(req.db, id, form.data, now);
  } catch (error) {
    if (!isBelowUse(error)) throw error;
    return showPage(req, res, id, { values: form.values, errors: {}, below: error });
  }
  res.flash('ok', 'markets:saved');
  res.redirect(303, `/markets/${id}`);
}

async function changeState(req: Request, res: Response): Promise<void> {
  const id = idParam(req);
  const form = parseForm(stateInput, req.body);
  if (!form.ok) {
    const market = await findMarket(req.db, id);
    return showPage(req, res, id, { values: { ...market, ...form.values }, errors: form.errors });
  }
  await setMarketState(req.db, id, form.data.state, form.data.reason);
  res.flash('ok', 'markets:stateChanged');
  res.redirect(303, `/markets/${id}`);
}

async function bulk(req: Request, res: Response): Promise<void> {
  const form = parseForm(bulkInput, req.body);
  if (!form.ok) {
    res.flash('error', Object.values(form.errors)[0] ?? 'form:invalid');
    return res.redirect(303, '/markets');
  }
  const { ids, state, reason } = form.data;
  const moved = await setMarketStates(req.db, ids, state, reason);
  res.flash(moved === ids.length ? 'ok' : 'warn', ['markets:bulkDone', { moved, asked: ids.length }]);
  res.redirect(303, '/markets');
}

const renew =
  (deps: Deps): RequestHandler =>
  async (req, res) => {
    const id = idParam(req);
    const { secret, member } = await renewOwnerInvitation(req.db, id, idParam(req, 'memberId'), deps.clock());
    await sendInvitation(deps, member, await findMarket(req.db, id), secret);
    res.flash('ok', ['team:invited', { email: member.email }]);
    res.redirect(303, `/markets/${id}`);
  };
