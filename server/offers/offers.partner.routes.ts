import { type Request, type Response, Router } from 'express';
import { offerBenchmarks } from '../analytics/benchmark.queries.ts';
import { dayIn } from '../analytics/calendar.ts';
import { recentFigures } from '../analytics/days.queries.ts';
import { AppError, type Message } from '../errors.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { requireManager } from '../http/request.ts';
import { limitUse } from '../plans/usage.queries.ts';
import {
  type OfferPageDeps,
  type OfferPageTools,
  offerEditorRoutes,
  pageTools,
  sendEditor,
} from './offer-editor.routes.ts';
import { formValues, previewOf } from './offer-preview.ts';
import { stateOf, verbsOf } from './offer-state.ts';
import {
  countStates,
  findOffer,
  listDecisions,
  listOffers,
  marketUnits,
  offerChoices,
  offerList,
} from './offers.queries.ts';
import { copyOffer, deleteOffer } from './offers.service.ts';
import { endOffer, submitOffer, withdrawOffer } from './submission.service.ts';

/** Pages of a market's offers. Each verb is a resource of its own. */
export function offersPartnerRoutes(deps: OfferPageDeps): Router {
  const tools = pageTools(deps);
  const router = Router();
  router.get('/offers', (req, res) => index(req, res, tools));
  router.use(offerEditorRoutes(tools));
  router.get('/offers/:id', (req, res) => show(req, res, tools));
  router.post('/offers/:id/submission', requireManager, (req, res) => submit(req, res, tools));
  router.post('/offers/:id/withdrawal', requireManager, (req, res) =>
    change(req, res, tools, 'offers:done.withdrawn', (id) => withdrawOffer(req.db, id, tools.clock())),
  );
  router.post('/offers/:id/end', requireManager, (req, res) =>
    change(req, res, tools, 'offers:done.ended', (id) => endOffer(req.db, id, tools.clock())),
  );
  router.post('/offers/:id/copies', requireManager, async (req, res) => {
    const copy = await copyOffer(req.db, idParam(req), tools.clock());
    res.flash('ok', 'offers:done.copied');
    res.redirect(303, `/offers/${copy}/edit`);
  });
  router.post('/offers/:id/deletion', requireManager, (req, res) =>
    change(req, res, tools, 'offers:done.deleted', (id) => deleteOffer(req.db, tools, id), '/offers'),
  );
  return router;
}

async function index(req: Request, res: Response, { clock }: OfferPageTools): Promise<void> {
  const now = clock();
  const list = parseList(offerList(req.locale), req.query);
  const [page, counts, choices, { live_offers: use }] = await Promise.all([
    listOffers(req.db, list, now),
    countStates(req.db, list, now),
    offerChoices(req.db),
    limitUse(req.db, now),
  ]);
  const rows = page.rows.map((offer) => ({ ...offer, shown: stateOf(offer, now) }));
  const locals = { title: req.t('offers:title'), list, page: { ...page, rows }, counts, choices, use };
  res.page('partner/offers/index', locals, { fragment: 'partner/offers/results' });
}

async function show(
  req: Request,
  res: Response,
  { clock, messages }: OfferPageTools,
  problem?: AppError,
): Promise<void> {
  const now = clock();
  const offer = await findOffer(req.db, idParam(req));
  const { timeZone } = await marketUnits(req.db);
  const today = dayIn(timeZone, now);
  const [decisions, figures, benchmarks, choices, { live_offers: use }] = await Promise.all([
    listDecisions(req.db, offer.id),
    recentFigures(req.db, today, { offerId: offer.id }),
    offerBenchmarks(req.db, offer, today),
    offerChoices(req.db),
    limitUse(req.db, now),
  ]);
  const name = (req.locale === 'ar' ? offer.titleAr : offer.titleEn) || offer.titleEn || offer.titleAr;
  const message: Message | undefined = problem && [`errors:${problem.code}.text`, problem.values];
  const preview = previewOf(
    formValues(offer, timeZone),
    { currency: offer.currency, timeZone },
    choices,
    messages,
  );
  const shown = { ...offer, shown: stateOf(offer, now) };
  const locals = {
    title: name,
    name,
    offer: shown,
    verbs: verbsOf(offer, now),
    decisions,
    figures,
    benchmarks,
    preview,
    problem: message,
    use,
  };
  res.page('partner/offers/show', locals, { status: problem?.status ?? 200 });
}

/** Submitting an incomplete offer opens its editor, with what is missing said at each field. */
async function submit(req: Request, res: Response, tools: OfferPageTools): Promise<void> {
  const id = idParam(req);
  try {
    await submitOffer(req.db, id, tools.clock());
    res.flash('ok', 'offers:done.submitted');
    res.redirect(303, `/offers/${id}`);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.status === 409) return show(req, res, tools, error);
    if (error.status !== 422) throw error;
    const offer = await findOffer(req.db, id);
    const { timeZone } = await marketUnits(req.db);
    await sendEditor(req, res, tools, { offer, values: formValues(offer, timeZone), errors: error.fields });
  }
}

/** Does something to the offer; a conflict shows the offer as it is now, and says why it could not be done. */
async function change(
  req: Request,
  res: Response,
  tools: OfferPageTools,
  done: string,
  work: (id: string) => Promise<void>,
  target?: string,
): Promise<void> {
  const id = idParam(req);
  try {
    await work(id);
  } catch (error) {
    if (error instanceof AppError && error.status === 409) return show(req, res, tools, error);
    throw error;
  }
  res.flash('ok', done);
  res.redirect(303, target ?? `/offers/${id}`);
}
