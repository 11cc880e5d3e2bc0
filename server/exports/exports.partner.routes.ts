import { type Request, type Response, Router } from 'express';
import { recordAudit } from '../audit/audit.service.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { parseForm } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { requireManager } from '../http/request.ts';
import { fileName, typeOf, writeFile } from './export-file.ts';
import {
  cadences,
  type FileRequest,
  formats,
  parseFileRequest,
  scheduleInput,
  subjects,
} from './exports.input.ts';
import { listSchedules } from './schedules.queries.ts';
import { createSchedule, removeSchedule } from './schedules.service.ts';

type Parts = Pick<Deps, 'clock' | 'database'>;
type Form = { values?: Record<string, unknown>; errors?: AppError['fields'] };

/** Files of a market's own data: at once, or sent regularly to whoever asked for them. */
export function exportsPartnerRoutes({ clock, database }: Parts): Router {
  const parts = { clock, database };
  const router = Router();
  router.get('/exports', (req, res) => index(parts, req, res, {}));
  router.get('/exports/file', async (req, res) => {
    const wanted = wantedFile(parts, req);
    if (wanted instanceof AppError)
      return index(parts, req, res, { values: req.query, errors: wanted.fields });
    await sendFile(parts, req, res, wanted);
  });
  router.post('/exports/schedules', requireManager, async (req, res) => {
    const form = parseForm(scheduleInput, req.body);
    if (!form.ok) return index(parts, req, res, form);
    await createSchedule(req.db, form.data, zoneOf(req), clock());
    res.flash('ok', 'exports:scheduled');
    res.redirect(303, '/exports');
  });
  router.post('/exports/schedules/:id/removal', requireManager, async (req, res) => {
    await removeSchedule(req.db, idParam(req));
    res.flash('ok', 'exports:unscheduled');
    res.redirect(303, '/exports');
  });
  return router;
}

const zoneOf = (req: Request): string => req.session!.market!.timeZone;

async function index({ clock }: Parts, req: Request, res: Response, { values, errors }: Form): Promise<void> {
  const locals = {
    ...{ title: req.t('exports:title'), schedules: await listSchedules(req.db), subjects, formats, cadences },
    values: { cadence: 'weekly', ...parseFileRequest({}, zoneOf(req), clock()), ...values },
    errors: errors ?? {},
  };
  res.page('partner/exports/index', locals, { status: errors ? 422 : 200 });
}

function wantedFile({ clock }: Parts, req: Request): FileRequest | AppError {
  try {
    return parseFileRequest(req.query, zoneOf(req), clock());
  } catch (error) {
    if (error instanceof AppError && error.status === 422) return error;
    throw error;
  }
}

/** Streams the file. Who took what is written down first: a file that breaks off was still partly read. */
export async function sendFile(
  { database }: Pick<Deps, 'database'>,
  req: Request,
  res: Response,
  wanted: FileRequest,
): Promise<void> {
  const market = req.session!.market!;
  await recordAudit(req.db, {
    ...{ action: 'export.download', subjectType: 'export', details: { ...wanted } },
  });
  res.attachment(fileName(market.slug, wanted)).set('Content-Type', typeOf[wanted.format]);
  await writeFile(database.direct(req.scope), market.timeZone, wanted, res);
}
