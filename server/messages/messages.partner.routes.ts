import { type Request, type Response, Router } from 'express';
import type { Deps } from '../deps.ts';
import { AppError, type FieldErrors } from '../errors.ts';
import { parseForm } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { parseList } from '../http/list-query.ts';
import { requireManager } from '../http/request.ts';
import { campaignPageRoutes } from './campaign.partner.routes.ts';
import { type ChannelName, type Channels, channelNames } from './channel.ts';
import { channelsOf } from './message-tools.ts';
import { campaignForm, campaignList } from './messages.input.ts';
import { type Campaign, findCampaign, listCampaigns, sendableOffers } from './messages.queries.ts';
import { createCampaign, deleteCampaign, type MessageTools, updateCampaign } from './messages.service.ts';

/** Campaigns of a market: their list, and drafts being written. */
export function messagesPartnerRoutes(deps: Deps): Router {
  const tools: MessageTools = { channels: channelsOf(deps), queue: deps.queue, clock: deps.clock };
  const router = Router();
  router.get('/messages', index);
  router.get('/messages/new', requireManager, (req, res) => edit(tools, req, res, { values: START }));
  router.post('/messages', requireManager, (req, res) =>
    save(tools, req, res, null, async (input) => `/messages/${await createCampaign(req.db, tools, input)}`),
  );
  router.get('/messages/:id/edit', requireManager, async (req, res) => {
    const campaign = await findCampaign(req.db, idParam(req));
    if (campaign.state !== 'draft') return res.redirect(303, `/messages/${campaign.id}`);
    await edit(tools, req, res, { campaign, values: valuesOf(campaign) });
  });
  router.post('/messages/:id', requireManager, async (req, res) => {
    const campaign = await findCampaign(req.db, idParam(req));
    await save(tools, req, res, campaign, async (input) => {
      await updateCampaign(req.db, tools, campaign.id, input);
      return `/messages/${campaign.id}`;
    });
  });
  router.post('/messages/:id/removal', requireManager, async (req, res) => {
    await deleteCampaign(req.db, idParam(req));
    res.flash('ok', 'messages:removed');
    res.redirect(303, '/messages');
  });
  router.use(campaignPageRoutes(deps, tools));
  return router;
}

const START = { channels: ['email'] };

async function index(req: Request, res: Response): Promise<void> {
  const list = parseList(campaignList, req.query);
  const page = await listCampaigns(req.db, list);
  const locals = { title: req.t('messages:title'), list, page };
  res.page('partner/messages/index', locals, { fragment: 'partner/messages/list' });
}

interface Editing {
  readonly campaign?: Campaign | null;
  readonly values: object;
  readonly errors?: FieldErrors;
}

async function edit(tools: MessageTools, req: Request, res: Response, editing: Editing): Promise<void> {
  const { campaign = null, values, errors = {} } = editing;
  const offers = await sendableOffers(req.db, tools.clock());
  const locals = {
    ...{ title: req.t(campaign ? 'messages:edit' : 'messages:new'), campaign, offers, values, errors },
    channels: channelChoices(tools.channels),
  };
  res.page('partner/messages/edit', locals, { status: editing.errors ? 422 : 200 });
}

/** Every channel that there could be; one that is not set up is shown with the reason. */
const channelChoices = (channels: Channels) =>
  channelNames.map((name: ChannelName) => ({ name, isOffered: channels[name] !== null }));

async function save(
  tools: MessageTools,
  req: Request,
  res: Response,
  campaign: Campaign | null,
  store: (input: ReturnType<typeof campaignForm.parse>) => Promise<string>,
): Promise<void> {
  const form = parseForm(campaignForm, req.body);
  if (!form.ok) return edit(tools, req, res, { campaign, ...form });
  try {
    res.redirect(303, await store(form.data));
  } catch (error) {
    if (!(error instanceof AppError) || error.status !== 422) throw error;
    await edit(tools, req, res, { campaign, values: form.values, errors: error.fields });
  }
}

const valuesOf = ({ offer, channels, claimedDays, locale }: Campaign) => ({
  ...{ offerId: offer.id, channels, claimedDays: claimedDays ?? '', locale: locale ?? '' },
});
