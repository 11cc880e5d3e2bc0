import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { csvWriter } from '../http/csv.ts';
import type { ListQuery } from '../http/list-query.ts';
import type { FileFormat } from './audit.input.ts';
import { auditCondition, platformCondition } from './audit.queries.ts';

export const typeOf: Readonly<Record<FileFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
};

const WHAT = [
  'action',
  'subjectType',
  'subjectId',
  'details',
  'changes',
  'receipt',
  'id',
  'seq',
  'prevHash',
  'hash',
];
const COLUMNS = {
  markets: [
    'marketId',
    'at',
    'surface',
    'actorKind',
    'actorId',
    'actorName',
    'onBehalfOf',
    'supportSessionId',
    ...WHAT,
  ],
  platform: ['at', 'surface', 'actorKind', 'staffUserId', 'onBehalfOf', 'supportSessionId', ...WHAT],
};

/** Trails that a file can be made of. */
export type Trail = keyof typeof COLUMNS;

const CHUNK = 500;

interface Entry {
  readonly id: string;
  readonly at: Date;
  readonly details: Prisma.JsonValue;
  readonly changes: Prisma.JsonValue;
}
interface Link {
  readonly seq: bigint;
  readonly prevHash: Uint8Array;
  readonly hash: Uint8Array;
}
type Row = readonly [Entry, Link | undefined];
type Page = (last: Entry | undefined) => Promise<Row[]>;

/** Writes the entries that a list's filters leave, oldest first, no faster than they are taken. Ends `out`, or destroys it. */
export async function writeAuditFile(
  db: ScopedClient,
  trail: Trail,
  list: ListQuery,
  format: FileFormat,
  out: Writable,
): Promise<void> {
  const rows = everyRow(trail === 'markets' ? marketPages(db, list) : platformPages(db, list));
  if (format === 'csv') await pipeline(Readable.from(cells(rows)), csvWriter(COLUMNS[trail]), out);
  else await pipeline(Readable.from(lines(rows), { objectMode: false }), out);
}

async function* everyRow(page: Page): AsyncGenerator<Row> {
  for (let last: Entry | undefined; ; ) {
    const rows = await page(last);
    yield* rows;
    last = rows.at(-1)?.[0];
    if (rows.length < CHUNK) return;
  }
}

const behind = (last: Entry | undefined) =>
  last ? [{ at: { gte: last.at } }, { OR: [{ at: { gt: last.at } }, { id: { gt: last.id } }] }] : [];

function marketPages(db: ScopedClient, list: ListQuery): Page {
  const where = auditCondition(list);
  return async (last) => {
    const entries = await db.auditEntry.findMany({ where: { AND: [where, ...behind(last)] }, ...ordered() });
    const links = await db.auditLink.findMany({ where: { entryId: { in: entries.map(({ id }) => id) } } });
    const of = new Map(links.map((link) => [`${link.marketId} ${link.entryId}`, link]));
    return entries.map((entry) => [entry, of.get(`${entry.marketId} ${entry.id}`)]);
  };
}

function platformPages(db: ScopedClient, list: ListQuery): Page {
  const where = platformCondition(list);
  return async (last) => {
    const found = { where: { AND: [where, ...behind(last)] }, ...ordered() };
    const entries = await db.platformAuditEntry.findMany(found);
    const ids = entries.map(({ id }) => id);
    const links = await db.platformAuditLink.findMany({ where: { entryId: { in: ids } } });
    const of = new Map(links.map((link) => [link.entryId, link]));
    return entries.map((entry) => [entry, of.get(entry.id)]);
  };
}

const ordered = () => ({ orderBy: [{ at: 'asc' as const }, { id: 'asc' as const }], take: CHUNK });

async function* cells(rows: AsyncIterable<Row>) {
  for await (const [{ details, changes, at, ...entry }, link] of rows) {
    const told = { details: JSON.stringify(details), changes: changes ? JSON.stringify(changes) : '' };
    yield { ...entry, at: at.toISOString(), ...told, ...placeOf(link) };
  }
}

async function* lines(rows: AsyncIterable<Row>): AsyncGenerator<string> {
  for await (const [entry, link] of rows) yield `${JSON.stringify({ ...entry, ...placeOf(link) })}\n`;
}

const placeOf = (link: Link | undefined) =>
  link
    ? { seq: Number(link.seq), prevHash: hex(link.prevHash), hash: hex(link.hash) }
    : { seq: null, prevHash: null, hash: null };

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
