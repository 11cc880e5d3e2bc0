import { Router } from 'express';
import type { Deps } from '../deps.ts';
import { parseList } from '../http/list-query.ts';
import { deviceAdminList } from './devices.input.ts';
import { listDevices, marketsWithDevices } from './devices.queries.ts';

/** Tills of all markets, for staff: they look, the market decides. */
export function devicesAdminRoutes({ clock }: Pick<Deps, 'clock'>): Router {
  const router = Router();
  router.get('/devices', async (req, res) => {
    const list = parseList(deviceAdminList, req.query);
    const [page, markets] = await Promise.all([
      listDevices(req.db, list, clock()),
      marketsWithDevices(req.db),
    ]);
    const locals = { title: req.t('devices:title'), list, page, markets };
    res.page('admin/devices/index', locals, { fragment: 'admin/devices/list' });
  });
  return router;
}
