import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { AppError, type FieldErrors } from '../errors.ts';
import { parseForm } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { requireManager } from '../http/request.ts';
import { parseInputDateTime } from '../http/zoned-time.ts';
import { shopperLabel } from '../shoppers/shopper-scope.ts';
import { previewsOf } from './campaign-preview.ts';
import { recipientList, recipientStates, verdictInput } from './messages.input.ts';
import {
  audienceOf,
  type Campaign,
  countAudience,
  findCampaign,
  findOfferFacts,
  listRecipients,
  messageQuota,
  sizeOf,
} from './messages.queries.ts';
import { cancelCampaign, confirmCampaign, type MessageTools, resolveRecipient } from './messages.service.ts';

/** The pages of one campaign: a draft with all that is to be seen before it is sent, then how far it has come. */
export function campaignPageRoutes(deps: Deps, tools: MessageTools): Router {
  const router = Router();
  router.get('/messages/:id', async (req, res) =>
    show(deps, req, res, await findCampaign(req.db, idParam(req))),
  );
  router.post('/messages/:id/confirmation', requireManager, (req, res) => confirm(deps, tools, req, res));
  router.post('/messages/:id/cancellation', requireManager, async (req, res) => {
    const id = idParam(req);
    const dropped = await cancelCampaign(req.db, id);
    res.flash('ok', ['messages:cancelled', { count: dropped }]);
    res.redirect(303, `/messages/${id}`);
  });
  router.get('/messages/:id/recipients', requireManager, recipients);
  router.post('/messages/:id/recipients/:recipientId/resolution', requireManager, async (req, res) => {
    const [id, recipientId] = [idParam(req), idParam(req, 'recipientId')];
    const form = parseForm(verdictInput, req.body);
    if (!form.ok) throw new AppError(422, 'invalid', { fields: form.errors });
    await resolveRecipient(req.db, tools, id, recipientId, form.data.verdict);
    res.flash('ok', `messages:resolved.${form.data.verdict}`);
    res.redirect(303, `/messages/${id}/recipients?state=unknown`);
  });
  return router;
}

interface Form {
  readonly values: Record<string, unknown>;
  readonly errors: FieldErrors;
}

async function show(deps: Deps, req: Request, res: Response, campaign: Campaign, form?: Form): Promise<void> {
  const title = titleOf(req, campaign);
  if (campaign.state !== 'draft') {
    const fragment = 'partner/messages/progress';
    return res.page('partner/messages/show', { title, campaign, recipientStates }, { fragment });
  }
  const facts = await findOfferFacts(req.db, campaign.offer.id);
  const audience = await countAudience(req.db, audienceOf(campaign));
  const quota = await messageQuota(req.db, deps.clock());
  const locals = {
    ...{
      title,
      campaign,
      audience,
      quota,
      size: sizeOf(audience),
      values: form?.values ?? {},
      errors: form?.errors ?? {},
    },
    previews: previewsOf({ ...deps, publicUrl: deps.config.publicUrl }, facts, campaign.channels),
  };
  res.page('partner/messages/draft', locals, { status: form ? 422 : 200 });
}

const titleOf = (req: Request, { offer: { titleEn, titleAr } }: Campaign): string =>
  req.locale === 'ar' ? titleAr || titleEn : titleEn || titleAr;

/** `most` is the size that was shown: it stands in the form so that nobody confirms more than they saw. */
const confirmationForm = z.object({
  sendAt: z.string().max(40).default(''),
  most: z.coerce.number().int().min(1),
});

async function confirm(deps: Deps, tools: MessageTools, req: Request, res: Response): Promise<void> {
  const campaign = await findCampaign(req.db, idParam(req));
  const form = parseForm(confirmationForm, req.body);
  const again = (errors: FieldErrors) => show(deps, req, res, campaign, { values: form.values, errors });
  if (!form.ok) return again(form.errors);
  const { sendAt: typed, most } = form.data;
  const sendAt = typed === '' ? null : parseInputDateTime(typed, req.session!.market!.timeZone);
  if (typed !== '' && !sendAt) return again({ sendAt: 'form:format.datetime' });
  try {
    const size = await confirmCampaign(req.db, tools, campaign.id, { sendAt, most });
    res.flash('ok', ['messages:confirmed', { count: size }]);
    res.redirect(303, `/messages/${campaign.id}`);
  } catch (error) {
    if (
      !(error instanceof AppError) ||
      !['invalid', 'message-nobody', 'message-grown', 'plan-limit'].includes(error.code)
    )
      throw error;
    const sentence = { _form: [`errors:${error.code}.text`, error.values] } as const;
    await again(error.code === 'invalid' ? error.fields : sentence);
  }
}

async function recipients(req: Request, res: Response): Promise<void> {
  const campaign = await findCampaign(req.db, idParam(req));
  const list = parseList(recipientList, req.query);
  const page = await listRecipients(req.db, campaign.id, list);
  const rows = page.rows.map((row) => ({ ...row, label: row.shopperId && shopperLabel(row.shopperId) }));
  const locals = { title: titleOf(req, campaign), campaign, list, page: { ...page, rows }, recipientStates };
  res.page('partner/messages/recipients', locals, { fragment: 'partner/messages/recipient-list' });
}
