import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { UUID } from '../http/ids.ts';
import { readCallback, type WhatsAppSettings } from './whatsapp-channel.ts';

export interface DeliveryStatus {
  readonly marketId: string;
  readonly recipientId: string;
  readonly providerId: string;
  readonly status: 'sent' | 'delivered' | 'read' | 'failed';
  readonly at: Date;
  readonly reason: string | null;
}

/** Whether the app's secret signed these very bytes. */
export function isSigned(body: Buffer, header: string | undefined, appSecret: string): boolean {
  const [, given] = /^sha256=([0-9a-f]{64})$/.exec(header ?? '') ?? [];
  const right = createHmac('sha256', appSecret).update(body).digest();
  return given !== undefined && timingSafeEqual(Buffer.from(given, 'hex'), right);
}

/** Compared by digests, which have one length. */
export function isVerifyToken(given: unknown, right: string): boolean {
  if (typeof given !== 'string') return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(right));
}

const status = z.object({
  id: z.string().min(1).max(500),
  status: z.enum(['sent', 'delivered', 'read', 'failed']),
  timestamp: z.coerce.number().int().positive().max(9_999_999_999),
  biz_opaque_callback_data: z.string().max(512),
  errors: z.array(z.looseObject({ code: z.number().int() })).optional(),
});
const notification = z.object({
  object: z.literal('whatsapp_business_account'),
  entry: z.array(
    z.object({
      changes: z.array(
        z.object({
          field: z.string(),
          value: z.looseObject({
            metadata: z.looseObject({ phone_number_id: z.string() }).optional(),
            statuses: z.array(z.unknown()).optional(),
          }),
        }),
      ),
    }),
  ),
});

/** What a notification says of our own messages. Everything else in it (messages to us, other numbers) is left out. */
export function readStatuses(
  body: unknown,
  { phoneId }: Pick<WhatsAppSettings, 'phoneId'>,
): DeliveryStatus[] {
  const read = notification.safeParse(body);
  if (!read.success) return [];
  return read.data.entry
    .flatMap(({ changes }) => changes)
    .filter(({ field, value }) => field === 'messages' && value.metadata?.phone_number_id === phoneId)
    .flatMap(({ value }) => value.statuses ?? [])
    .flatMap((each) => statusOf(each) ?? []);
}

function statusOf(given: unknown): DeliveryStatus | null {
  const { data } = status.safeParse(given);
  const named = data && readCallback(data.biz_opaque_callback_data);
  if (!named || !UUID.test(named.marketId) || !UUID.test(named.recipientId)) return null;
  const code = data.errors?.[0]?.code;
  return {
    ...named,
    ...{ providerId: data.id, status: data.status, at: new Date(data.timestamp * 1_000) },
    reason: code === undefined ? null : `whatsapp-${code}`,
  };
}
