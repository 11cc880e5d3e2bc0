import { type Request, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { AppError, type FieldErrors, type Message } from '../errors.ts';
import { parseForm } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { requireManager } from '../http/request.ts';
import { LARGEST_UPLOAD, pictureForm } from '../images/upload.ts';
import { createUploads } from '../images/uploads.ts';
import { limitUse } from '../plans/usage.queries.ts';
import { blank } from './completeness.ts';
import { formValues, previewOf } from './offer-preview.ts';
import { stateOf, verbsOf } from './offer-state.ts';
import { editorExtras, offerForm, TEXT_MAX, TITLE_MAX } from './offers.input.ts';
import { findOffer, marketUnits, type OfferDetail, offerChoices } from './offers.queries.ts';
import { createOffer, type OfferTools, type Picture, updateOffer } from './offers.service.ts';
import { wrongState } from './submission.service.ts';

/** What the pages of offers need of the process. */
export type OfferPageDeps = Pick<Deps, 'uploadsDir' | 'clock' | 'messages'>;
export type OfferPageTools = OfferTools & Pick<Deps, 'messages'>;

export const pageTools = ({ uploadsDir, clock, messages }: OfferPageDeps): OfferPageTools => ({
  uploads: createUploads(uploadsDir),
  clock,
  messages,
});

/** The pages on which an offer is written. */
export function offerEditorRoutes(tools: OfferPageTools): Router {
  const form = [requireManager, pictureForm()];
  const router = Router();
  router.get('/offers/new', requireManager, (req, res) =>
    sendEditor(req, res, tools, { offer: null, values: {} }),
  );
  router.post('/offers', form, (req: Request, res: Response) => save(req, res, tools, null));
  router.post('/offers/preview', form, (req: Request, res: Response) =>
    sendEditor(req, res, tools, { offer: null, values: req.body ?? {} }),
  );
  router.get('/offers/:id/edit', requireManager, async (req, res) => {
    const offer = await editable(req, tools);
    const { timeZone } = await marketUnits(req.db);
    await sendEditor(req, res, tools, { offer, values: formValues(offer, timeZone) });
  });
  router.post('/offers/:id', form, async (req: Request, res: Response) =>
    save(req, res, tools, await editable(req, tools)),
  );
  router.post('/offers/:id/preview', form, async (req: Request, res: Response) =>
    sendEditor(req, res, tools, { offer: await editable(req, tools), values: req.body ?? {} }),
  );
  return router;
}

async function editable(req: Request, { clock }: OfferTools): Promise<OfferDetail> {
  const offer = await findOffer(req.db, idParam(req));
  const now = clock();
  if (!verbsOf(offer, now).edit) throw wrongState(offer, now);
  return offer;
}

async function save(
  req: Request,
  res: Response,
  tools: OfferPageTools,
  offer: OfferDetail | null,
): Promise<void> {
  const market = await marketUnits(req.db);
  const units = { currency: offer?.currency ?? market.currency, timeZone: market.timeZone };
  const { _csrf, version, next, removeImage, ...body } = (req.body ?? {}) as Record<string, unknown>;
  const form = parseForm(offerForm(units, offer ?? undefined), body);
  const extras = editorExtras.parse({ version, next, removeImage });
  const values = { ...form.values, version: extras.version };
  const wrongFile: FieldErrors = req.upload && 'error' in req.upload ? { image: req.upload.error } : {};
  const gaps = extras.next === 'submit' && !form.ok ? blank(form.values) : {};
  const errors = { ...gaps, ...form.errors, ...wrongFile };
  if (!form.ok || Object.keys(errors).length > 0)
    return sendEditor(req, res, tools, { offer, values, errors });
  const picture = pictureOf(req, extras.removeImage);
  const draft = { content: form.data, ...(picture ? { picture } : {}), submit: extras.next === 'submit' };
  try {
    const id = offer?.id ?? (await createOffer(req.db, tools, draft));
    if (offer) await updateOffer(req.db, tools, offer.id, extras.version, draft);
    res.flash('ok', draft.submit ? 'offers:done.submitted' : 'offers:done.saved');
    res.redirect(303, `/offers/${id}`);
  } catch (error) {
    await refused(req, res, tools, { offer, values, error });
  }
}

function pictureOf(req: Request, remove: boolean): Picture | undefined {
  if (req.upload && 'bytes' in req.upload) return { upload: req.upload.bytes };
  return remove ? { id: null } : undefined;
}

interface Refusal {
  readonly offer: OfferDetail | null;
  readonly values: Record<string, unknown>;
  readonly error: unknown;
}

/** What a person can mend is said in the form, which keeps what was typed; the rest is the error page's. */
async function refused(
  req: Request,
  res: Response,
  tools: OfferPageTools,
  { offer, values, error }: Refusal,
): Promise<void> {
  if (!(error instanceof AppError) || ![409, 422].includes(error.status)) throw error;
  if (error.code === 'changed-meanwhile' && offer) {
    const current = await editable(req, tools);
    const { timeZone } = await marketUnits(req.db);
    const theirs = formValues(current, timeZone);
    const errors = { _form: 'offers:wrong.stale' };
    return sendEditor(req, res, tools, {
      offer: current,
      values: { ...values, version: current.version },
      errors,
      theirs,
      status: 409,
    });
  }
  const general: Message = [`errors:${error.code}.text`, error.values];
  const errors = error.status === 422 ? error.fields : { _form: general };
  await sendEditor(req, res, tools, { offer, values, errors, status: error.status });
}

export interface EditorState {
  readonly offer: OfferDetail | null;
  readonly values: Record<string, unknown>;
  readonly errors?: FieldErrors;
  /** What somebody else saved while this form was open. */
  readonly theirs?: Record<string, unknown>;
  readonly status?: number;
}

/** Shows the editor; to an htmx request only the preview of what is typed. */
export async function sendEditor(
  req: Request,
  res: Response,
  { clock, messages }: OfferPageTools,
  { offer, values, errors = {}, theirs, status }: EditorState,
): Promise<void> {
  const [market, choices, { live_offers: use }] = await Promise.all([
    marketUnits(req.db),
    offerChoices(req.db),
    limitUse(req.db, clock()),
  ]);
  const units = { currency: offer?.currency ?? market.currency, timeZone: market.timeZone };
  const linked = new Set(offer?.branchIds ?? []);
  const hasErrors = Object.keys(errors).length > 0;
  const fileWasLost = hasErrors && req.upload !== undefined && !('image' in errors);
  res.page(
    'partner/offers/edit',
    {
      title: req.t(offer ? 'offers:edit' : 'offers:new'),
      offer: offer && { ...offer, shown: stateOf(offer, clock()) },
      values,
      errors: fileWasLost ? { ...errors, image: 'images:choose-again' } : errors,
      theirs,
      units,
      use,
      categories: choices.categories,
      branches: choices.branches.filter((branch) => branch.state === 'open' || linked.has(branch.id)),
      preview: previewOf(values, units, choices, messages),
      limits: { title: TITLE_MAX, text: TEXT_MAX, megabytes: LARGEST_UPLOAD / 1024 / 1024 },
    },
    { status: status ?? (hasErrors ? 422 : 200), fragment: 'partner/offers/preview' },
  );
}
