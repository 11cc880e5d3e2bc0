import type { Channel, Message, Outcome } from './channel.ts';
import { answerOutcome, networkOutcome } from './whatsapp-answers.ts';

export interface WhatsAppSettings {
  /** With the version: `https://graph.facebook.com/v23.0`. */
  readonly url: string;
  readonly token: string;
  readonly phoneId: string;
  readonly appSecret: string;
  readonly verifyToken: string;
  /** The approved template's name. */
  readonly template: string;
}

/** The provider answers within seconds, or something between is broken. */
const TIMEOUT = 20_000;

/** WhatsApp Business Cloud API: an approved template with the offer's words in it. */
export function whatsAppChannel(settings: WhatsAppSettings): Channel {
  const { url, phoneId, token } = settings;
  return {
    name: 'whatsapp',
    send: async (message): Promise<Outcome> => {
      let response: Response;
      try {
        response = await fetch(`${url}/${phoneId}/messages`, {
          method: 'POST',
          headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
          body: JSON.stringify(templateMessage(settings, message)),
          redirect: 'error',
          signal: AbortSignal.timeout(TIMEOUT),
        });
      } catch (error) {
        return networkOutcome(error);
      }
      return answerOutcome(response);
    },
  };
}

/**
 * The request as the Cloud API takes it. `biz_opaque_callback_data` comes back with each webhook, so that one is
 * enough to settle a message whose answer was lost.
 */
export function templateMessage({ template }: Pick<WhatsAppSettings, 'template'>, message: Message) {
  const { marketId, recipientId, address, locale, market, title, price, until } = message;
  const text = (value: string) => ({ type: 'text', text: oneLine(value) });
  const button = (index: string, path: string) => ({
    ...{ type: 'button', sub_type: 'url', index },
    parameters: [{ type: 'text', text: path.slice(1) }],
  });
  return {
    ...{ messaging_product: 'whatsapp', recipient_type: 'individual', to: address.slice(1) },
    biz_opaque_callback_data: callbackData(marketId, recipientId),
    type: 'template',
    template: {
      ...{ name: template, language: { code: locale } },
      components: [
        { type: 'body', parameters: [text(market), text(title), text(price), text(until ?? '–')] },
        button('0', message.offerPath),
        button('1', message.optOutPath),
      ],
    },
  };
}

/** Parameters of a template may hold neither line breaks nor tabs nor more than four spaces in a row. */
const oneLine = (value: string) => value.replace(/\s+/g, ' ').trim().slice(0, 1_000) || '–';

const CALLBACK = /^([0-9a-f-]{36}):([0-9a-f-]{36})$/;

export const callbackData = (marketId: string, recipientId: string): string => `${marketId}:${recipientId}`;

export function readCallback(data: string): { marketId: string; recipientId: string } | null {
  const [, marketId, recipientId] = CALLBACK.exec(data) ?? [];
  return marketId && recipientId ? { marketId, recipientId } : null;
}
