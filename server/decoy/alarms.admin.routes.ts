import { Router } from 'express';
import type { Deps } from '../deps.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { requireOperator } from '../http/request.ts';
import { alarmsList, countOpenAlarms, findDecoy, listAlarms } from './alarms.queries.ts';
import { acknowledgeAlarm } from './alarms.service.ts';

/** Sightings of the decoy. Mounted first: what comes after it shows open alarms in its frame. */
export function alarmsAdminRoutes({ clock }: Pick<Deps, 'clock'>): Router {
  const router = Router();
  router.use(async (req, res, next) => {
    if (req.method === 'GET') res.locals.alarms = await countOpenAlarms(req.db);
    next();
  });
  router.get('/alarms', async (req, res) => {
    const [page, decoy] = await Promise.all([
      listAlarms(req.db, parseList(alarmsList, req.query)),
      findDecoy(req.db),
    ]);
    const locals = { title: req.t('alarms:title'), page, decoy };
    res.page('admin/alarms/index', locals, { fragment: 'admin/alarms/list' });
  });
  router.post('/alarms/:id/acknowledgement', requireOperator, async (req, res) => {
    await acknowledgeAlarm(req.db, idParam(req), clock());
    res.flash('ok', 'alarms:acknowledged');
    res.redirect(303, '/alarms');
  });
  return router;
}
