import { type Request, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { AppError, type FieldErrors, type Message } from '../errors.ts';
import { parseForm } from '../http/form.ts';
import { formats } from '../http/format.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { requireOperator } from '../http/request.ts';
import { contentDiff } from './content-diff.ts';
import { REASON_MAX, verdictInput } from './moderation.input.ts';
import {
  countWaiting,
  findModerated,
  lastApproved,
  listModeration,
  listVerdicts,
  moderationChoices,
  moderationList,
  namesIn,
} from './moderation.queries.ts';
import { decideOffer } from './moderation.service.ts';
import { snapshotOf } from './offer-content.ts';
import { stateOf } from './offer-state.ts';

type Clock = Pick<Deps, 'clock'>;

/** Moderation: what markets have submitted, and what staff decide about it. */
export function offersAdminRoutes(deps: Clock): Router {
  const router = Router();
  router.get('/offers', (req, res) => index(req, res, deps));
  router.get('/markets/:marketId/offers/:id', (req, res) => show(req, res, deps));
  router.post('/markets/:marketId/offers/:id/decision', requireOperator, (req, res) =>
    decide(req, res, deps),
  );
  return router;
}

async function index(req: Request, res: Response, { clock }: Clock): Promise<void> {
  const now = clock();
  const list = parseList(moderationList, req.query);
  const [page, waiting, choices] = await Promise.all([
    listModeration(req.db, list, now),
    countWaiting(req.db, list),
    moderationChoices(req.db),
  ]);
  const rows = page.rows.map((offer) => ({ ...offer, shown: stateOf(offer, now) }));
  const locals = { title: req.t('moderation:title'), list, page: { ...page, rows }, waiting, choices };
  res.page('admin/offers/index', locals, { fragment: 'admin/offers/list' });
}

interface Answer {
  readonly status: number;
  readonly values?: Record<string, unknown>;
  readonly errors?: FieldErrors;
  readonly problem?: Message;
}

async function show(
  req: Request,
  res: Response,
  { clock }: Clock,
  answer: Answer = { status: 200 },
): Promise<void> {
  const now = clock();
  const [marketId, id] = [idParam(req, 'marketId'), idParam(req)];
  const offer = await findModerated(req.db, marketId, id);
  const [verdicts, approved] = await Promise.all([
    listVerdicts(req.db, marketId, id),
    lastApproved(req.db, marketId, id, offer.contentDigest),
  ]);
  const current = snapshotOf(offer);
  const names = await namesIn(req.db, marketId, [approved, current]);
  const local = formats(req.locale, offer.market.timeZone);
  const title = (req.locale === 'ar' ? offer.titleAr : offer.titleEn) || offer.titleEn || offer.titleAr;
  res.page(
    'admin/offers/show',
    {
      title: title || req.t('offers:untitled'),
      offer: { ...offer, shown: stateOf(offer, now) },
      isOver: offer.endsAt !== null && offer.endsAt <= now,
      diff: contentDiff(approved, current, { t: req.t, fmt: local, ...names }),
      images: { before: approved?.imageId ?? null, after: current.imageId },
      isFirst: approved === null,
      verdicts,
      reasonMax: REASON_MAX,
      values: answer.values ?? {},
      errors: answer.errors ?? {},
      problem: answer.problem,
    },
    { status: answer.status },
  );
}

/** A refused verdict shows the offer as it is now, with the reason that was typed. */
async function decide(req: Request, res: Response, deps: Clock): Promise<void> {
  const [marketId, offerId] = [idParam(req, 'marketId'), idParam(req)];
  const form = parseForm(verdictInput, req.body);
  if (!form.ok) return show(req, res, deps, { status: 422, values: form.values, errors: form.errors });
  try {
    await decideOffer(req.db, { marketId, offerId, ...form.data }, deps.clock());
  } catch (error) {
    if (!(error instanceof AppError) || error.status !== 409) throw error;
    const problem: Message = [`errors:${error.code}.text`, error.values];
    return show(req, res, deps, { status: 409, values: form.values, problem });
  }
  res.flash('ok', `moderation:done.${form.data.decision}`);
  res.redirect(303, `/markets/${marketId}/offers/${offerId}`);
}
