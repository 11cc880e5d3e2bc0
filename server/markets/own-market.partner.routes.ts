import { type Request, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { parseForm } from '../http/form.ts';
import { requireOwner } from '../http/request.ts';
import { limitUse } from '../plans/usage.queries.ts';
import { ownMarketInput } from './markets.input.ts';
import { findOwnMarket, updateOwnMarket } from './own-market.service.ts';

/** The market's settings as its own people see them; owners change them. */
export function ownMarketPartnerRoutes({ clock }: Pick<Deps, 'clock'>): Router {
  const router = Router();
  router.get('/market', (req, res) => page(req, res));
  router.post('/market', requireOwner, async (req, res) => {
    const form = parseForm(ownMarketInput, req.body);
    if (!form.ok) return page(req, res, form);
    await updateOwnMarket(req.db, form.data, clock());
    res.flash('ok', 'markets:saved');
    res.redirect(303, '/market');
  });
  return router;
}

interface Form {
  readonly values: Record<string, unknown>;
  readonly errors: object;
}

async function page(req: Request, res: Response, form?: Form): Promise<void> {
  const [market, { branches, members }] = await Promise.all([findOwnMarket(req.db), limitUse(req.db)]);
  const title = req.t('markets:own');
  const locals = {
    title,
    settings: market,
    branches,
    members,
    values: form?.values ?? market,
    errors: form?.errors ?? {},
  };
  res.page('partner/market/index', locals, { status: form ? 422 : 200 });
}
