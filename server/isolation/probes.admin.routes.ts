import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { parseForm } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { DECOY_MARKET } from '../market/scoping/decoy-market.ts';
import { findProbe, isolationMarkets, lastProbes } from './probes.queries.ts';
import { probeNow } from './probes.service.ts';

const choice = z.union([z.literal(''), z.uuid({ error: 'isolation:twoMarkets' })]).default('');
const probeForm = z
  .object({ own: choice, foreign: choice })
  .refine(({ own, foreign }) => (own === '') === (foreign === '') && (own === '' || own !== foreign), {
    error: 'isolation:twoMarkets',
    path: ['foreign'],
  });

/** Live attacks: a form that makes a round of them, and what came of each. */
export function probesAdminRoutes({ installation }: Pick<Deps, 'installation'>): Router {
  const router = Router();
  router.get('/isolation/probes', (req, res) => show(req, res));
  router.post('/isolation/probes', async (req, res) => {
    const form = parseForm(probeForm, req.body);
    if (!form.ok) return show(req, res, form);
    const { own, foreign } = form.data;
    try {
      const { id } = await probeNow(req.db, installation, own ? [own, foreign] : null);
      res.flash('ok', 'isolation:probes.done');
      res.redirect(303, `/isolation/probes/${id}`);
    } catch (error) {
      if (!(error instanceof AppError) || error.status !== 422) throw error;
      await show(req, res, { values: form.data, errors: error.fields });
    }
  });
  router.get('/isolation/probes/:id', async (req, res) => {
    const probe = await findProbe(req.db, idParam(req));
    const markets = await isolationMarkets(req.db, probe.result.markets);
    const title = req.t('isolation:probes.one');
    res.page('admin/isolation/probe', { title, probe, markets, decoy: DECOY_MARKET });
  });
  return router;
}

async function show(req: Request, res: Response, form?: { values: object; errors: object }): Promise<void> {
  const [probes, markets] = await Promise.all([lastProbes(req.db), isolationMarkets(req.db)]);
  const { values = {}, errors = {} } = form ?? {};
  const locals = { title: req.t('isolation:tab.probes'), probes, markets, values, errors };
  res.page('admin/isolation/probes', locals, { status: form ? 422 : 200 });
}
