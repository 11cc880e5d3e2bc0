import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Attachment {
  readonly filename: string;
  readonly contentType: string;
  /** In base64. */
  readonly content: string;
}

export interface Mail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly attachments?: readonly Attachment[];
  /** `<…@…>`; made up by whoever sends when absent. */
  readonly messageId?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface StoredMail extends Mail {
  readonly id: string;
  readonly sentAt: string;
}

/** Mail as files, for development and demonstrations: nothing leaves the machine. */
export interface Mailbox {
  write(mail: Mail, at: Date): Promise<StoredMail>;
  /** The newest first. */
  list(limit?: number): Promise<StoredMail[]>;
  /** Null for an unknown or malformed id. */
  read(id: string): Promise<StoredMail | null>;
}

/** Time first, so that a folder listing is in order; nothing in the name comes from the mail. */
const FILE = /^(\d{8}T\d{9}Z-[0-9a-f-]{36})\.json$/;

export function createMailbox(folder: string): Mailbox {
  const read = async (name: string): Promise<StoredMail | null> => {
    const found = FILE.exec(name);
    if (!found) return null;
    try {
      return JSON.parse(await readFile(join(folder, name), 'utf8'));
    } catch {
      return null;
    }
  };
  return {
    write: async (mail, at) => {
      const id = `${at.toISOString().replace(/[-:.]/g, '')}-${randomUUID()}`;
      const stored = { id, sentAt: at.toISOString(), ...mail };
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // A link in it is as good as a password: for this user's eyes, and never half-written.
      await writeFile(join(folder, `${id}.part`), JSON.stringify(stored, null, 2), {
        mode: 0o600,
        flag: 'wx',
      });
      await rename(join(folder, `${id}.part`), join(folder, `${id}.json`));
      return stored;
    },
    list: async (limit = 100) => {
      const names = (await readdir(folder).catch(() => [] as string[])).filter((name) => FILE.test(name));
      const mails = await Promise.all(names.sort().reverse().slice(0, limit).map(read));
      return mails.filter((mail) => mail !== null);
    },
    read: (id) => read(`${id}.json`),
  };
}
