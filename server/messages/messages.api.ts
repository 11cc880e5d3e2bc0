import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { previewsOf } from './campaign-preview.ts';
import { channelNames } from './channel.ts';
import { channelsOf } from './message-tools.ts';
import {
  campaignInput,
  campaignList,
  campaignStates,
  confirmationInput,
  recipientList,
  recipientStates,
  verdictInput,
} from './messages.input.ts';
import {
  audienceOf,
  countAudience,
  findCampaign,
  findOfferFacts,
  listCampaigns,
  listRecipients,
  messageQuota,
  sizeOf,
} from './messages.queries.ts';
import {
  cancelCampaign,
  confirmCampaign,
  createCampaign,
  deleteCampaign,
  type MessageTools,
  resolveRecipient,
  updateCampaign,
} from './messages.service.ts';

const count = z.number().int();
const channel = z.enum(channelNames);
const locale = z.enum(['en', 'ar']);

export const campaignSummary = {
  ...{ id, state: z.enum(campaignStates), channels: z.array(channel), size: count },
  ...{
    sendAt: instant.nullable(),
    createdAt: instant,
    finishedAt: instant.nullable(),
    trouble: z.string().nullable(),
  },
  offer: z.object({ id, titleEn: z.string(), titleAr: z.string() }),
  counts: z.partialRecord(z.enum(recipientStates), count).meta({ description: 'Recipients by state' }),
};
const campaign = z.object({
  ...campaignSummary,
  offerId: id,
  ...{ claimedDays: count.nullable(), locale: locale.nullable(), startedAt: instant.nullable() },
  member: z.object({ id, name: z.string() }),
});
const recipient = z.object({
  ...{ id, shopperId: id.nullable(), channel, locale, state: z.enum(recipientStates), attempts: count },
  address: z.string().nullable().meta({ description: 'Of shoppers who are opted in now' }),
  reason: z.string().nullable(),
  ...{ queuedAt: instant, attemptedAt: instant.nullable(), sentAt: instant.nullable() },
  ...{ deliveredAt: instant.nullable(), readAt: instant.nullable() },
});
const preview = z.object({
  audience: z.array(z.object({ channel, locale, number: count })),
  size: count.meta({ description: 'Messages that it would take out of the quota' }),
  quota: z
    .object({ use: count, cap: count, left: count, month: z.string().nullable() })
    .meta({ description: 'Of this month' }),
  previews: z.array(
    z.object({ channel, locale, from: z.string(), subject: z.string().nullable(), text: z.string() }),
  ),
});
const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.object({ rows: z.array(row), next: z.string().nullable(), previous: z.string().nullable() });

const params = z.object({ id });
const tag = 'Messages';
const writers = { tag, roles: ['owner', 'manager'] } as const;
const one = { params, path: '/messages/:id' } as const;

/** The JSON twins of the pages under /messages. */
export function messagesPartnerOperations(deps: Deps): readonly Operation[] {
  const tools: MessageTools = { channels: channelsOf(deps), queue: deps.queue, clock: deps.clock };
  const previewTools = { ...deps, publicUrl: deps.config.publicUrl };
  return [
    operation({
      ...{ method: 'get', path: '/messages', tag, summary: 'List campaigns, with how far each has come' },
      ...{ query: listSchema(campaignList), response: pageOf(campaign) },
      handler: (db, { req }) => listCampaigns(db, parseList(campaignList, req.query, 'strict')),
    }),
    operation({
      ...{ ...writers, method: 'post', path: '/messages', summary: 'Draft a campaign', body: campaignInput },
      ...{ response: z.object({ id }), status: 201 },
      handler: async (db, { body }) => ({ id: await createCampaign(db, tools, body) }),
    }),
    operation({
      ...{ ...one, method: 'get', tag, summary: 'One campaign', response: campaign },
      handler: (db, { params }) => findCampaign(db, params.id),
    }),
    operation({
      ...{ ...one, ...writers, method: 'put', summary: 'Change a draft', body: campaignInput },
      handler: (db, { params, body }) => updateCampaign(db, tools, params.id, body),
    }),
    operation({
      ...{ ...one, ...writers, method: 'delete', summary: 'Delete a draft' },
      handler: (db, { params }) => deleteCampaign(db, params.id),
    }),
    operation({
      ...{ ...writers, method: 'get', path: '/messages/:id/preview', params, response: preview },
      summary: 'Audience, size, and each message as it would be received',
      handler: async (db, { params }) => {
        const found = await findCampaign(db, params.id);
        const audience = await countAudience(db, audienceOf(found));
        const facts = await findOfferFacts(db, found.offer.id);
        return {
          audience,
          size: sizeOf(audience),
          quota: await messageQuota(db, deps.clock()),
          previews: previewsOf(previewTools, facts, found.channels),
        };
      },
    }),
    operation({
      ...{ ...writers, method: 'post', path: '/messages/:id/confirmation', params, body: confirmationInput },
      summary: 'Fix the audience, take it out of the month’s quota, and send now or at a time',
      ...{ response: z.object({ size: count }), status: 202 },
      handler: async (db, { params, body: { sendAt, most } }) => ({
        size: await confirmCampaign(db, tools, params.id, {
          sendAt: sendAt === null ? null : new Date(sendAt),
          most,
        }),
      }),
    }),
    operation({
      ...{ ...writers, method: 'post', path: '/messages/:id/cancellation', params },
      ...{ summary: 'Send nothing more of it', response: z.object({ dropped: count }) },
      handler: async (db, { params }) => ({ dropped: await cancelCampaign(db, params.id) }),
    }),
    operation({
      ...{ ...writers, method: 'get', path: '/messages/:id/recipients', params, summary: 'Who receives it' },
      ...{ query: listSchema(recipientList), response: pageOf(recipient) },
      handler: async (db, { params, req }) => {
        const { id: campaignId } = await findCampaign(db, params.id);
        return listRecipients(db, campaignId, parseList(recipientList, req.query, 'strict'));
      },
    }),
    operation({
      ...{ ...writers, method: 'post', path: '/messages/:id/recipients/:recipientId/resolution' },
      ...{ params: z.object({ id, recipientId: id }), body: verdictInput },
      summary: 'Say what became of a message that is unknown, or send it again',
      handler: (db, { params, body }) =>
        resolveRecipient(db, tools, params.id, params.recipientId, body.verdict),
    }),
  ];
}
