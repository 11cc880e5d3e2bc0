import { setTimeout as pause } from 'node:timers/promises';
import { createMailbox, type StoredMail } from '../../server/mail/mailbox.ts';

/** The newest mail to an address, once it is there: mails about passwords are written after the answer. */
export async function mailTo(folder: string, address: string, after = 0): Promise<StoredMail> {
  for (const end = Date.now() + 15_000; Date.now() < end; await pause(20)) {
    const found = (await createMailbox(folder).list()).find(
      (mail) => mail.to === address && Date.parse(mail.sentAt) >= after,
    );
    if (found) return found;
  }
  throw new Error(`No mail to ${address}`);
}

/** The path of the first link in a mail. */
export function linkIn({ text }: StoredMail): string {
  const found = /https?:\/\/\S+/.exec(text);
  if (!found) throw new Error(`No link in: ${text}`);
  return new URL(found[0]).pathname;
}
