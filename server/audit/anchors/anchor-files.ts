import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { type Envelope, openEnvelope, readJson, type SealFault } from '../envelope.ts';
import type { AuditPublicKey } from '../signing.ts';
import type { Head } from './anchored-heads.ts';

const anchor = z.object({
  kind: z.literal('anchor'),
  n: z.number().int().positive(),
  at: z.string(),
  previous: z.string().nullable(),
  heads: z.array(z.tuple([z.string(), z.number().int(), z.string()])),
});

/** One line: where chains ended at an instant, and the digest of the line before. */
export interface Anchor {
  readonly n: number;
  readonly at: string;
  readonly heads: readonly Head[];
  /** Of the line itself, in hex: the next one names it. */
  readonly digest: string;
}

/** Something that a file of anchors would not say if nobody had touched it. */
export interface AnchorFault {
  readonly file: string;
  readonly line: number;
  readonly words: string;
}

/** The files of a folder, oldest first: one a month. */
export function anchorFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /^\d{4}-\d{2}\.jsonl$/.test(name));
  return names.sort().map((name) => join(folder, name));
}

/**
 * Reads anchors line by line, and holds each against the one before: its signature, its number, the digest of the former
 * line. Goes on behind a fault, so that what other lines say still counts.
 */
export async function* readAnchors(
  files: readonly string[],
  keys: readonly AuditPublicKey[],
): AsyncGenerator<Anchor | AnchorFault> {
  let last: Anchor | null = null;
  for (const file of files) {
    let line = 0;
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      line++;
      const opened = openEnvelope(readJson(text), keys);
      const read = anchor.safeParse('fault' in opened ? null : opened.statement);
      if (!read.success) {
        yield {
          file,
          line,
          words: 'fault' in opened ? UNBELIEVED[opened.fault] : 'is signed, and is no anchor',
        };
        continue;
      }
      const words = faultOf(read.data, last, files.length > 0 && file === files[0] && line === 1);
      if (words) yield { file, line, words };
      last = anchorOf(text, read.data);
      yield last;
    }
  }
}

const UNBELIEVED: Readonly<Record<SealFault, string>> = {
  unsigned: 'is no signed line',
  'unknown-key': 'was signed by a key that is not known',
  changed: 'was changed after it was signed',
};

export const isFault = (read: Anchor | AnchorFault): read is AnchorFault => 'words' in read;

function faultOf({ n, previous }: z.output<typeof anchor>, last: Anchor | null, isFirst: boolean): string {
  // Old files may have been moved elsewhere: the first line that is left stands for itself.
  if (isFirst) return '';
  if (n !== (last?.n ?? 0) + 1) return `anchor ${n} does not follow anchor ${last?.n ?? 0}`;
  return previous === (last?.digest ?? null) ? '' : `anchor ${n} names another line as the one before it`;
}

function anchorOf(text: string, { n, at, heads }: z.output<typeof anchor>): Anchor {
  return { n, at, heads: heads.map(([chain, seq, hash]) => ({ chain, seq, hash })), digest: digestOf(text) };
}

/** What the next line and the database remember of a line. */
export const digestOf = (line: string): string => createHash('sha256').update(line).digest('hex');

/** Appends one line to the month's file, and returns when it is on the disk. */
export async function appendAnchor(folder: string, month: string, line: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Append-only for us as well: the kernel puts every write at the end.
  const file = await open(join(folder, `${month}.jsonl`), 'a', 0o600);
  try {
    await file.appendFile(`${line}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** An envelope as a line. */
export const lineOf = (sealed: Envelope): string => JSON.stringify(sealed);
