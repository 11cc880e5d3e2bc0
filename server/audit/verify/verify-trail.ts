import { basename } from 'node:path';
import type { Direct } from '../../db/direct.ts';
import { sql } from '../../db/direct.ts';
import { type Anchor, anchorFiles, isFault, readAnchors } from '../anchors/anchor-files.ts';
import { AnchoredHeads } from '../anchors/anchored-heads.ts';
import type { AuditPublicKey } from '../signing.ts';
import { listChains, readChain } from './chain-reader.ts';
import type { AuditFinding } from './finding.ts';
import { verifyChain } from './verify-chain.ts';

export interface TrailVerdict {
  readonly chains: number;
  readonly entries: number;
  readonly anchors: number;
  /** When the chains were anchored last; null: never, so that the chains were held against themselves alone. */
  readonly anchoredAt: string | null;
  readonly findings: readonly AuditFinding[];
}

export interface TrailTools {
  /** Of a staff scope, which sees all chains. */
  readonly direct: Direct;
  readonly keys: readonly AuditPublicKey[];
  readonly anchorDir: string;
  readonly onProgress?: (entries: number) => void;
}

/** Holds every chain against itself and against the anchors, and the anchors against what the database remembers of them. */
export async function verifyTrail({
  direct,
  keys,
  anchorDir,
  onProgress,
}: TrailTools): Promise<TrailVerdict> {
  const anchors = new AnchoredHeads();
  const read = await readAll(anchorDir, keys, anchors);
  const findings = [...read.findings, ...(await remembered(direct, read))];
  const chains = new Set([...(await listChains(direct)), ...anchors.chains]);
  let entries = 0;
  for (const chain of chains) {
    const result = await verifyChain(readChain(direct, chain), { anchors, keys });
    entries += result.entries;
    if (result.finding) findings.push(result.finding);
    onProgress?.(entries);
  }
  return { chains: chains.size, entries, anchors: read.count, anchoredAt: read.last?.at ?? null, findings };
}

interface Read {
  count: number;
  last: Anchor | null;
  /** Digests of the last lines, by number. */
  readonly digests: Map<number, string>;
  readonly findings: AuditFinding[];
}

const REMEMBERED = 100;

async function readAll(
  folder: string,
  keys: readonly AuditPublicKey[],
  anchors: AnchoredHeads,
): Promise<Read> {
  const read: Read = { count: 0, last: null, digests: new Map(), findings: [] };
  for await (const line of readAnchors(anchorFiles(folder), keys)) {
    if (isFault(line)) {
      read.findings.push(anchorFinding(`${basename(line.file)}, line ${line.line}: ${line.words}`));
      continue;
    }
    read.count++;
    read.last = line;
    read.digests.set(line.n, line.digest);
    read.digests.delete(line.n - REMEMBERED);
    for (const head of line.heads) anchors.add(head);
  }
  return read;
}

// Whoever shortens the file would have to change the database as well, and the copies in an object store.
async function remembered(direct: Direct, { last, digests }: Read): Promise<AuditFinding[]> {
  const rows = await direct.rows<{ n: number; digest: string }>(
    sql`select n, digest from audit_anchor order by n desc limit ${REMEMBERED}`,
  );
  const newest = rows[0]?.n ?? 0;
  if (newest > (last?.n ?? 0)) {
    return [anchorFinding(`anchor ${newest} was written, and the last one that is there is ${last?.n ?? 0}`)];
  }
  const other = rows.find(({ n, digest }) => digests.has(n) && digests.get(n) !== digest);
  return other ? [anchorFinding(`anchor ${other.n} is not the one that was written`)] : [];
}

const anchorFinding = (words: string): AuditFinding => ({
  ...{ chain: 'anchors', kind: 'anchors', seq: null, entryId: null, words },
});
