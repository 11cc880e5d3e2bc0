import { createTransport } from 'nodemailer';
import type { Logger } from 'pino';
import type { Locale } from '../http/format.ts';
import type { Messages } from '../i18n/i18n.ts';
import { letters } from './letters.ts';
import { type Attachment, createMailbox, type Mail, type Mailbox } from './mailbox.ts';

export type { Attachment } from './mailbox.ts';

/** Letters there are: their words are `mail:<name>.…`, their form `views/mail/letter*.ejs`. */
export type LetterName =
  | 'invitation'
  | 'staffInvitation'
  | 'passwordReset'
  | 'passwordChanged'
  | 'shopperCode'
  | 'export'
  | 'largeExport'
  | 'offerMessage'
  | 'supportAsked'
  | 'supportOpened';

export interface Letter {
  readonly to: string;
  readonly locale: Locale | string;
  readonly letter: LetterName;
  /** For the words: `{ market, inviter, … }`. */
  readonly values?: Record<string, unknown>;
  /** Address of the button. */
  readonly link?: string;
  readonly attachments?: readonly Attachment[];
  /** Paragraphs below the first. */
  readonly details?: readonly string[];
  /** The name before the address of who sends; the platform's when absent. */
  readonly sender?: string;
  /** Address of the page that ends such letters; also offered to mail programs for one click (RFC 8058). */
  readonly optOut?: string;
  /** What comes before `@` in the Message-ID: the same letter sent again is known by it. */
  readonly messageId?: string;
}

export interface Mailer {
  /** Resolves when the mail is stored or the SMTP server took it. */
  send(letter: Letter): Promise<void>;
  /** What a letter would say, without sending it. */
  write(letter: Letter): Mail;
  /** For answers that must not take longer when there is somebody to write to: failures only reach the log. */
  sendLater(letter: Letter): void;
  /** The dev mailbox, or null when mail really leaves. */
  readonly mailbox: Mailbox | null;
}

interface MailerOptions {
  readonly mail: { readonly url: string | undefined; readonly mailboxDir: string };
  readonly messages: Messages;
  readonly views: string;
  readonly publicHost: string;
  readonly logger: Logger;
  readonly clock: () => Date;
  /** Sees each letter before it leaves. */
  readonly watch?: (mail: Mail) => void;
}

export function createMailer(options: MailerOptions): Mailer {
  const { mail, messages, views, publicHost, logger, clock } = options;
  const write = letters(views, messages);
  const from = (sender = 'Bulkhead') => `${quotedName(sender)} <no-reply@${publicHost}>`;
  const mailbox = mail.url ? null : createMailbox(mail.mailboxDir);
  const deliver = mail.url ? smtp(mail.url) : (letter: Mail) => mailbox!.write(letter, clock());

  const mailOf = (letter: Letter): Mail => ({
    ...{ from: from(letter.sender), to: letter.to, ...write(letter) },
    ...(letter.attachments ? { attachments: letter.attachments } : {}),
    ...(letter.messageId ? { messageId: `<${letter.messageId}@${publicHost}>` } : {}),
    ...(letter.optOut ? { headers: optOutHeaders(letter.optOut) } : {}),
  });
  const send = async (letter: Letter) => {
    const mail = mailOf(letter);
    options.watch?.(mail);
    await deliver(mail);
    logger.info({ letter: letter.letter }, 'mail sent');
  };
  return {
    send,
    write: mailOf,
    sendLater: (letter) => {
      send(letter).catch((error: Error) =>
        logger.error({ letter: letter.letter, reason: error.message }, 'mail not sent'),
      );
    },
    mailbox,
  };
}

/** RFC 2369 and RFC 8058: a POST to that address is the reader's wish, a GET is somebody looking at links. */
const optOutHeaders = (address: string) => ({
  'List-Unsubscribe': `<${address}>`,
  'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
});

/** A name must not become an address, or another header. */
function quotedName(name: string): string {
  const plain = name.replace(/[\p{Cc}\u2028\u2029"\\<>]+/gu, ' ').trim();
  return /^[\w -]+$/.test(plain) ? plain : `"${plain}"`;
}

function smtp(url: string): (mail: Mail) => Promise<unknown> {
  const transport = createTransport({
    url,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
  } as never);
  return (mail) => {
    const attachments = mail.attachments?.map((each) => ({ ...each, encoding: 'base64' }));
    return transport.sendMail({
      ...mail,
      attachments,
      disableFileAccess: true,
      disableUrlAccess: true,
    } as never);
  };
}
