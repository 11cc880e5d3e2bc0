import type { Mailer } from '../mail/mailer.ts';
import type { Channels } from './channel.ts';
import { emailChannel } from './email-channel.ts';
import { type WhatsAppSettings, whatsAppChannel } from './whatsapp-channel.ts';

interface ChannelParts {
  readonly mailer: Pick<Mailer, 'send'>;
  readonly publicUrl: string;
  readonly whatsApp: WhatsAppSettings | null;
}

/** E-mail always; WhatsApp where it is set up. */
export function createChannels({ mailer, publicUrl, whatsApp }: ChannelParts): Channels {
  return {
    email: emailChannel({ mailer, publicUrl }),
    whatsapp: whatsApp && whatsAppChannel(whatsApp),
  };
}
