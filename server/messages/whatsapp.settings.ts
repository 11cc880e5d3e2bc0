import { z } from 'zod';
import { BootError } from '../boot-error.ts';
import type { WhatsAppSettings } from './whatsapp-channel.ts';

/** What the partner process alone is told of the channel. */
export const whatsAppSettings = z.object({
  WHATSAPP_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http(s) address' })
    .default('https://graph.facebook.com/v23.0'),
  WHATSAPP_TOKEN: z.string().optional(),
  WHATSAPP_PHONE_ID: z
    .string()
    .regex(/^\d{1,30}$/, 'must be the id of a phone number, digits alone')
    .optional(),
  WHATSAPP_APP_SECRET: z.string().optional(),
  WHATSAPP_VERIFY_TOKEN: z.string().optional(),
  WHATSAPP_TEMPLATE: z
    .string()
    .regex(/^[a-z0-9_]{1,512}$/, 'must be the name of a template')
    .default('bulkhead_offer'),
});

/**
 * The channel is there with all that it needs, or not at all: half of it would send and never hear of delivery.
 * @throws BootError when it is named by halves
 */
export function whatsAppConfig(set: z.output<typeof whatsAppSettings>): WhatsAppSettings | null {
  const needed = {
    WHATSAPP_TOKEN: set.WHATSAPP_TOKEN,
    WHATSAPP_PHONE_ID: set.WHATSAPP_PHONE_ID,
    WHATSAPP_APP_SECRET: set.WHATSAPP_APP_SECRET,
    WHATSAPP_VERIFY_TOKEN: set.WHATSAPP_VERIFY_TOKEN,
  };
  const missing = Object.entries(needed).filter(([, value]) => !value);
  if (missing.length === Object.keys(needed).length) return null;
  if (missing.length > 0) {
    throw new BootError(
      `Settings: ${missing.map(([name]) => name).join(', ')} missing. WhatsApp needs all of its settings, or none.`,
    );
  }
  return {
    ...{
      url: set.WHATSAPP_URL.replace(/\/+$/, ''),
      token: set.WHATSAPP_TOKEN!,
      phoneId: set.WHATSAPP_PHONE_ID!,
    },
    ...{ appSecret: set.WHATSAPP_APP_SECRET!, verifyToken: set.WHATSAPP_VERIFY_TOKEN! },
    template: set.WHATSAPP_TEMPLATE,
  };
}
