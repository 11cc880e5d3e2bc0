import type { Letter, Mailer } from '../mail/mailer.ts';
import type { Channel, Message, Outcome } from './channel.ts';

interface EmailTools {
  readonly mailer: Pick<Mailer, 'send'>;
  readonly publicUrl: string;
}

/** E-mail: SMTP, or the dev mailbox. */
export function emailChannel({ mailer, publicUrl }: EmailTools): Channel {
  return {
    name: 'email',
    send: async (message) => {
      try {
        await mailer.send(letterOf(message, publicUrl));
        return { kind: 'sent', providerId: message.recipientId };
      } catch (error) {
        return smtpOutcome(error);
      }
    },
  };
}

/** The letter as its reader gets it. */
export function letterOf(message: Message, publicUrl: string): Letter {
  const { address: to, locale, market, title, price, recipientId, offerPath, optOutPath } = message;
  return {
    ...{ to, locale, letter: 'offerMessage', values: { market, title, price } },
    details: [message.oldPrice, message.until, message.text].filter((each) => each),
    ...{ sender: market, link: `${publicUrl}${offerPath}`, optOut: `${publicUrl}${optOutPath}` },
    messageId: recipientId,
  } as Letter;
}

interface SmtpError {
  readonly code?: string;
  readonly syscall?: string;
  readonly responseCode?: number;
  readonly timeoutType?: string;
}

/** Failures before a message could be handed over, by nodemailer's names. */
const NOT_HANDED_OVER = new Set([
  'EDNS',
  'EAUTH',
  'ENOAUTH',
  'ETLS',
  'EPROXY',
  'ECONFIG',
  'EACCES',
  'ENOSPC',
]);

/**
 * A server that says no has not taken it: for good with 5xx, for now with 4xx. A connection that was never made has
 * carried nothing. One that broke off may have carried all of it.
 */
export function smtpOutcome(error: unknown): Outcome {
  const { code = '', syscall, responseCode = 0, timeoutType = '' } = error as SmtpError;
  if (code === 'EAUTH' || code === 'ENOAUTH') return { kind: 'wait', trouble: 'access', seconds: 300 };
  if (responseCode === 421) return { kind: 'wait', trouble: 'limit', seconds: 60 };
  if (responseCode >= 500) return { kind: 'failed', reason: `smtp-${responseCode}` };
  if (responseCode >= 400) return { kind: 'again', reason: `smtp-${responseCode}` };
  const neverConnected = syscall === 'connect' || /^(CONNECT|GREETING)/.test(timeoutType);
  if (neverConnected || NOT_HANDED_OVER.has(code)) return { kind: 'wait', trouble: 'provider', seconds: 60 };
  return { kind: 'unknown', reason: code || 'error' };
}
