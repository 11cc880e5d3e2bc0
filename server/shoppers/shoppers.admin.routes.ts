import { type Request, type Response, Router } from 'express';
import { type FormResult, parseForm } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { shopperLabel } from './shopper-scope.ts';
import { lookupRequest, shopperList } from './shoppers.input.ts';
import { findMarketName, listShoppers, type StaffShopper } from './shoppers.queries.ts';
import { lookUpShopper } from './shoppers.service.ts';

/** A market's shoppers, for staff. */
export function shoppersAdminRoutes(): Router {
  const router = Router();
  router.get('/markets/:id/shoppers', (req, res) => show(req, res));
  // A form and not a search: it writes a trace, and an address has no business in anybody's history.
  router.post('/markets/:id/shopper-lookups', async (req, res) => {
    const market = await findMarketName(req.db, idParam(req));
    const form = parseForm(lookupRequest, req.body);
    if (!form.ok) return show(req, res, { form });
    await show(req, res, { form, found: await lookUpShopper(req.db, market.id, form.data.email) });
  });
  return router;
}

interface Lookup {
  readonly form: FormResult<unknown>;
  readonly found?: StaffShopper | null;
}

async function show(req: Request, res: Response, lookup?: Lookup): Promise<void> {
  const market = await findMarketName(req.db, idParam(req));
  const list = parseList(shopperList, req.query);
  const page = await listShoppers(req.db, market.id, list);
  const name = req.locale === 'ar' ? market.nameAr : market.nameEn;
  const labelled = <Row extends { id: string }>(row: Row) => ({ ...row, label: shopperLabel(row.id) });
  res.page(
    'admin/shoppers/index',
    {
      ...{ title: req.t('shoppers:of', { market: name }), name, market, list },
      page: { ...page, rows: page.rows.map(labelled) },
      found: lookup?.found && labelled(lookup.found),
      wasSought: lookup?.found !== undefined,
      ...{ values: lookup?.form.values ?? {}, errors: lookup?.form.errors ?? {} },
    },
    { fragment: 'admin/shoppers/list', status: lookup && !lookup.form.ok ? 422 : 200 },
  );
}
