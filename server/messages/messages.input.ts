import { z } from 'zod';
import { id } from '../http/fields.ts';
import { defineList } from '../http/list-query.ts';
import { channelNames } from './channel.ts';

export const campaignStates = ['draft', 'scheduled', 'sending', 'sent', 'cancelled'] as const;
export const recipientStates = [
  ...(['queued', 'sending', 'sent', 'delivered', 'read'] as const),
  ...(['failed', 'unknown', 'skipped', 'cancelled'] as const),
] as const;
export type RecipientState = (typeof recipientStates)[number];

/** A form's number, whose emptiness means all. */
const days = z.coerce.number().int().min(1).max(366);
const locale = z.enum(['en', 'ar']);
const channels = z
  .array(z.enum(channelNames))
  .min(1, { error: 'messages:channelMissing' })
  .transform((names) => channelNames.filter((name) => names.includes(name)));

/** Whom a campaign is for, and of what it speaks. */
export const campaignInput = z.strictObject({
  offerId: id,
  channels,
  claimedDays: days.nullable().default(null),
  locale: locale.nullable().default(null),
});
export type CampaignInput = z.output<typeof campaignInput>;

const emptyIsNull = (value: unknown) => (value === '' ? null : value);

/** The same from a form, in which nothing chosen is an empty text. */
export const campaignForm = z.object({
  offerId: id,
  channels: z.preprocess((value) => value ?? [], channels),
  claimedDays: z.preprocess(emptyIsNull, days.nullable().default(null)),
  locale: z.preprocess(emptyIsNull, locale.nullable().default(null)),
});

/** When it goes out, and the size that was looked at: one that has grown since is looked at again. */
export const confirmationInput = z.strictObject({
  sendAt: z.iso.datetime({ offset: true }).nullable().default(null).meta({ description: 'Null: at once' }),
  most: z.number().int().min(1).optional().meta({ description: 'Refused if it would be more messages' }),
});

export const verdictInput = z.strictObject({ verdict: z.enum(['sent', 'again']) });

const created = {
  sorts: { created: { field: 'createdAt', kind: 'instant' } },
  sort: 'created',
  dir: 'desc',
} as const;

export const campaignList = defineList({ ...created, filters: { state: z.enum(campaignStates).optional() } });
export const campaignListOfAll = defineList({
  ...created,
  filters: { state: z.enum(campaignStates).optional(), market: id.optional() },
});

export const recipientList = defineList({
  sorts: { id: { field: 'id', kind: 'text' } },
  ...{ sort: 'id', dir: 'asc', limit: 50 },
  filters: { state: z.enum(recipientStates).optional(), channel: z.enum(channelNames).optional() },
});
