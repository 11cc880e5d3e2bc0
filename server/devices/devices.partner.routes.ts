import { type Request, type Response, Router } from 'express';
import { qrOf } from '../claims/qr.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { parseForm } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { requireManager } from '../http/request.ts';
import { limitUse } from '../plans/usage.queries.ts';
import { deviceInput, deviceList, renameInput } from './devices.input.ts';
import {
  branchesOfDevices,
  findDevice,
  findPairing,
  listDevices,
  listPairings,
  memberName,
  openBranches,
} from './devices.queries.ts';
import {
  addDevice,
  type NewPairing,
  renameDevice,
  revokeDevice,
  withdrawPairing,
} from './devices.service.ts';
import { inGroups, pairingAddress } from './pairing-code.ts';

type Parts = Pick<Deps, 'clock' | 'config'>;
type Handler = (parts: Parts, req: Request, res: Response) => Promise<void> | void;

/** Pages of a market's tills. Everybody of the team looks; owners and managers act. */
export function devicesPartnerRoutes({ clock, config }: Parts): Router {
  const router = Router();
  const by = (handler: Handler) => (req: Request, res: Response) => handler({ clock, config }, req, res);
  router.get('/devices', by(index));
  router.get('/devices/new', requireManager, (req, res) => newPage(req, res, {}));
  router.post('/devices', requireManager, by(add));
  router.get('/devices/pairings/:id', requireManager, by(pairing));
  router.post('/devices/pairings/:id/withdrawal', requireManager, by(withdraw));
  router.get('/devices/:id', by(show));
  router.post('/devices/:id', requireManager, by(rename));
  router.post('/devices/:id/revocation', requireManager, by(revoke));
  return router;
}

const index: Handler = async ({ clock }, req, res) => {
  const list = parseList(deviceList, req.query);
  const now = clock();
  const [page, branches, pairings, { devices: use }] = await Promise.all([
    listDevices(req.db, list, now),
    branchesOfDevices(req.db),
    listPairings(req.db, now),
    limitUse(req.db, now),
  ]);
  const locals = { title: req.t('devices:title'), list, page, branches, pairings, use };
  res.page('partner/devices/index', locals, { fragment: 'partner/devices/list' });
};

interface Form {
  readonly values?: object;
  readonly errors?: object;
}

async function newPage(req: Request, res: Response, { values = {}, errors }: Form): Promise<void> {
  const [branches, { devices: use }] = await Promise.all([openBranches(req.db), limitUse(req.db)]);
  const locals = { title: req.t('devices:new'), branches, values, errors: errors ?? {}, use };
  res.page('partner/devices/new', locals, { status: errors ? 422 : 200 });
}

const add: Handler = async (parts, req, res) => {
  const form = parseForm(deviceInput, req.body);
  if (!form.ok) return newPage(req, res, form);
  try {
    await codePage(parts, req, res, await addDevice(req.db, form.data, parts.clock()));
  } catch (error) {
    if (!(error instanceof AppError) || error.status !== 422) throw error;
    await newPage(req, res, { values: form.values, errors: error.fields });
  }
};

/** Shown here and never again: the answer to the form itself, because no address may lead to a code. */
async function codePage({ clock, config }: Parts, req: Request, res: Response, { id, code }: NewPairing) {
  const address = pairingAddress(config.publicUrl, code);
  const locals = {
    ...{ title: req.t('devices:pair'), pairing: await findPairing(req.db, id, clock()) },
    ...{ code: inGroups(code), address, qr: qrOf(address), till: `${config.publicUrl}/till` },
  };
  res.page('partner/devices/code', locals, { status: 201 });
}

const pairing: Handler = async ({ clock }, req, res) => {
  const found = await findPairing(req.db, idParam(req), clock());
  const locals = { title: req.t('devices:pair'), pairing: found };
  res.page('partner/devices/pairing', locals, { fragment: 'partner/devices/waiting' });
};

const withdraw: Handler = async (_parts, req, res) => {
  await withdrawPairing(req.db, idParam(req));
  res.flash('ok', 'devices:withdrawn');
  res.redirect(303, '/devices');
};

const show: Handler = (parts, req, res) => devicePage(parts, req, res, {});

async function devicePage({ clock }: Parts, req: Request, res: Response, { values, errors }: Form) {
  const device = await findDevice(req.db, idParam(req), clock());
  const locals = {
    ...{ title: device.name, device, revokedBy: await memberName(req.db, device.revokedBy) },
    ...{ values: values ?? { name: device.name }, errors: errors ?? {} },
  };
  res.page('partner/devices/show', locals, { status: errors ? 422 : 200 });
}

const rename: Handler = async (parts, req, res) => {
  const id = idParam(req);
  const form = parseForm(renameInput, req.body);
  if (!form.ok) return devicePage(parts, req, res, form);
  await renameDevice(req.db, id, form.data.name);
  res.flash('ok', 'devices:saved');
  res.redirect(303, `/devices/${id}`);
};

const revoke: Handler = async ({ clock }, req, res) => {
  const id = idParam(req);
  await revokeDevice(req.db, id, clock());
  res.flash('ok', 'devices:revoked');
  res.redirect(303, `/devices/${id}`);
};
