import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { csvWriter } from '../http/csv.ts';
import type { ListQuery } from '../http/list-query.ts';
import type { FileFormat } from './audit.input.ts';
import { auditCondition } from './audit.queries.ts';

export const typeOf: Readonly<Record<FileFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
};

const COLUMNS = [
  ...[
    'market',
    'at',
    'surface',
    'actorKind',
    'actorId',
    'actorName',
    'onBehalfOf',
    'supportSession',
    'action',
  ],
  ...['subjectType', 'subjectId', 'details', 'changes', 'receipt', 'id', 'seq', 'hash'],
];

const CHUNK = 500;

type Entry = Prisma.AuditEntryGetPayload<object>;
type Link = Prisma.AuditLinkGetPayload<object>;

/** Writes the entries that a list's filters leave, oldest first, no faster than they are taken. Ends `out`, or destroys it. */
export async function writeAuditFile(
  db: ScopedClient,
  list: ListQuery,
  format: FileFormat,
  out: Writable,
): Promise<void> {
  const rows = everyEntry(db, list);
  if (format === 'csv') await pipeline(Readable.from(cells(rows)), csvWriter(COLUMNS), out);
  else await pipeline(Readable.from(lines(rows), { objectMode: false }), out);
}

async function* everyEntry(db: ScopedClient, list: ListQuery): AsyncGenerator<[Entry, Link | undefined]> {
  const where = auditCondition(list);
  for (let last: Entry | undefined; ; ) {
    const entries: Entry[] = await db.auditEntry.findMany({
      where: last ? { AND: [where, behind(last)] } : where,
      orderBy: [{ at: 'asc' }, { id: 'asc' }],
      take: CHUNK,
    });
    const links = await db.auditLink.findMany({ where: { entryId: { in: entries.map(({ id }) => id) } } });
    const of = new Map(links.map((link) => [`${link.marketId} ${link.entryId}`, link]));
    for (const entry of entries) yield [entry, of.get(`${entry.marketId} ${entry.id}`)];
    last = entries.at(-1);
    if (entries.length < CHUNK) return;
  }
}

const behind = ({ at, id }: Entry): Prisma.AuditEntryWhereInput => ({
  AND: [{ at: { gte: at } }, { OR: [{ at: { gt: at } }, { id: { gt: id } }] }],
});

async function* cells(rows: AsyncIterable<[Entry, Link | undefined]>) {
  for await (const [entry, link] of rows) {
    const { details, changes, ...said } = shown(entry);
    yield {
      ...{ ...said, details: JSON.stringify(details), changes: changes ? JSON.stringify(changes) : '' },
      ...{ seq: link ? String(link.seq) : '', hash: hex(link?.hash) },
    };
  }
}

async function* lines(rows: AsyncIterable<[Entry, Link | undefined]>): AsyncGenerator<string> {
  for await (const [entry, link] of rows) {
    const chained = link
      ? { seq: Number(link.seq), prevHash: hex(link.prevHash), hash: hex(link.hash) }
      : { seq: null, prevHash: null, hash: null };
    yield `${JSON.stringify({ ...shown(entry), ...chained })}\n`;
  }
}

const shown = ({ marketId, at, supportSessionId, ...said }: Entry) => ({
  ...{ ...said, market: marketId, at: at.toISOString(), supportSession: supportSessionId },
});

const hex = (bytes: Uint8Array | undefined): string => (bytes ? Buffer.from(bytes).toString('hex') : '');
