import type { Messages } from '../i18n/i18n.ts';
import type { Mailer } from '../mail/mailer.ts';
import type { ChannelName, Message } from './channel.ts';
import { letterOf } from './email-channel.ts';
import { type OfferFacts, offerPath, offerText } from './offer-text.ts';

/** A message as its reader gets it, in one language of one channel. */
export interface Preview {
  readonly channel: ChannelName;
  readonly locale: 'en' | 'ar';
  readonly dir: 'ltr' | 'rtl';
  readonly from: string;
  readonly subject: string | null;
  readonly text: string;
}

interface PreviewTools {
  readonly mailer: Pick<Mailer, 'write'>;
  readonly messages: Messages;
  readonly publicUrl: string;
}

/** Made by the same code as the messages themselves; only the reader's address and the secret of the link are left open. */
export function previewsOf(tools: PreviewTools, facts: OfferFacts, channels: readonly string[]): Preview[] {
  return (['en', 'ar'] as const).flatMap((locale) => {
    const message = sample(tools, facts, locale);
    return [
      ...(channels.includes('email') ? [emailPreview(tools, message)] : []),
      ...(channels.includes('whatsapp') ? [whatsAppPreview(tools, message)] : []),
    ];
  });
}

function sample({ messages }: PreviewTools, facts: OfferFacts, locale: 'en' | 'ar'): Message {
  return {
    ...offerText(facts, locale, messages.translator(locale)),
    ...{ marketId: '', recipientId: '', address: '', offerPath: offerPath(facts, locale) },
    optOutPath: '/unsubscribe/…',
  };
}

const sideOf = (locale: 'en' | 'ar') => ({ locale, dir: locale === 'ar' ? 'rtl' : 'ltr' }) as const;

function emailPreview({ mailer, publicUrl }: PreviewTools, message: Message): Preview {
  const { from, subject, text } = mailer.write(letterOf(message, publicUrl));
  return { channel: 'email', ...sideOf(message.locale), ...{ from, subject, text } };
}

/** As the template of the README reads once it is filled in. */
function whatsAppPreview({ messages, publicUrl }: PreviewTools, message: Message): Preview {
  const t = messages.translator(message.locale);
  const { market, title, price, until, offerPath: offer, optOutPath } = message;
  const lines = [
    t('messages:template.body', { market, title, price, until: until ?? '–' }),
    `${t('messages:template.offer')}: ${publicUrl}${offer}`,
    `${t('messages:template.optOut')}: ${publicUrl}${optOutPath}`,
  ];
  return {
    channel: 'whatsapp',
    ...sideOf(message.locale),
    from: market,
    subject: null,
    text: lines.join('\n\n'),
  };
}
