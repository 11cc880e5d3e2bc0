import { z } from 'zod';
import type { AnchoredHeads, Head } from '../anchors/anchored-heads.ts';
import { genesis, linkHash } from '../chain.ts';
import { unseal } from '../envelope.ts';
import type { AuditPublicKey } from '../signing.ts';
import type { ChainReader, LinkRow } from './chain-reader.ts';
import type { AuditFinding, FindingKind } from './finding.ts';

export interface ChainResult {
  readonly chain: string;
  readonly entries: number;
  readonly last: Head;
  /** Null: nobody has touched the chain. */
  readonly finding: AuditFinding | null;
}

/** What a chain is held against besides itself. */
export interface Against {
  readonly anchors: AnchoredHeads;
  readonly keys: readonly AuditPublicKey[];
}

class Broken extends Error {
  readonly kind: FindingKind;
  readonly at: { readonly seq?: number; readonly entryId?: string };

  constructor(kind: FindingKind, at: Broken['at'], words: string) {
    super(words);
    this.kind = kind;
    this.at = at;
  }
}

/** Where a walk along a chain has come to. */
interface Place {
  seq: number;
  hash: string;
  entries: number;
  /** The last place that an anchor has confirmed. */
  anchored: number;
}

/** Walks one chain from its beginning, or from its checkpoint, to its head. Stops at the first thing that is wrong. */
export async function verifyChain(reader: ChainReader, against: Against): Promise<ChainResult> {
  const place: Place = { seq: 0, hash: genesis(reader.chain).toString('hex'), entries: 0, anchored: 0 };
  const done = (finding: AuditFinding | null): ChainResult => {
    const { seq, hash, entries } = place;
    return { chain: reader.chain, entries, last: { chain: reader.chain, seq, hash }, finding };
  };
  try {
    await begin(reader, against, place);
    await walk(reader, against, place);
    await end(reader, against, place);
    return done(null);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    const { seq = null, entryId = null } = error.at;
    return done({ chain: reader.chain, kind: error.kind, seq, entryId, words: error.message });
  }
}

const checkpoint = z.object({
  kind: z.literal('checkpoint'),
  chain: z.string(),
  seq: z.number(),
  hash: z.string(),
});

async function begin(reader: ChainReader, { anchors, keys }: Against, place: Place): Promise<void> {
  const point = await reader.checkpoint();
  if (!point) return;
  const { seq, hash } = point;
  const signed = checkpoint.safeParse(unseal(point, keys));
  const said = signed.success ? signed.data : null;
  if (said?.chain !== reader.chain || said.seq !== seq || said.hash !== hash) {
    throw new Broken(
      'checkpoint',
      { seq },
      'the checkpoint that the chain begins with was not signed like this',
    );
  }
  Object.assign(place, { seq, hash, anchored: seq });
  confirm(anchors, reader.chain, place);
}

async function walk(reader: ChainReader, { anchors }: Against, place: Place): Promise<void> {
  for await (const link of reader.links(place.seq)) {
    step(link, place);
    confirm(anchors, reader.chain, place, link.entryId);
  }
}

function step(link: LinkRow, place: Place): void {
  const { seq, entryId } = link;
  const expected = place.seq + 1;
  if (seq > expected) throw new Broken('gap', { seq: expected }, `link ${expected} is missing`);
  if (seq < expected) throw new Broken('order', { seq, entryId }, `link ${seq} is there twice`);
  if (link.prevHash !== place.hash) {
    throw new Broken('relinked', { seq, entryId }, `link ${seq} does not continue the one before it`);
  }
  if (!link.fields) throw new Broken('missing', { seq, entryId }, 'the entry is gone');
  const hash = linkHash(Buffer.from(place.hash, 'hex'), [String(seq), ...link.fields]).toString('hex');
  if (hash !== link.hash) {
    throw new Broken('edited', { seq, entryId }, 'the entry is not what was written');
  }
  Object.assign(place, { seq, hash, entries: place.entries + 1 });
}

function confirm(anchors: AnchoredHeads, chain: string, place: Place, entryId?: string): void {
  const anchored = anchors.at(chain, place.seq);
  if (anchored === undefined) return;
  const from = place.anchored + 1;
  if (anchored !== place.hash) {
    const at = { seq: from, ...(from === place.seq && entryId ? { entryId } : {}) };
    throw new Broken('rewritten', at, `between ${from} and ${place.seq} the chain is not what was anchored`);
  }
  place.anchored = place.seq;
}

async function end(reader: ChainReader, against: Against, place: Place): Promise<void> {
  let head = await reader.head();
  // Entries may be written meanwhile: walk until both were looked at in the same state.
  for (let times = 0; head && head.seq > place.seq && times < 10; times++) {
    const before = place.seq;
    await walk(reader, against, place);
    if (place.seq === before) break;
    head = await reader.head();
  }
  const anchored = against.anchors.lastOf(reader.chain);
  if (anchored > place.seq) {
    const words = `the chain ends at ${place.seq}, and ${anchored} was anchored`;
    throw new Broken('truncated', { seq: place.seq + 1 }, words);
  }
  if (place.seq > 0 || head) confirmHead(head, place);
  const entryId = await reader.unlinked();
  if (entryId) throw new Broken('inserted', { entryId }, 'the entry was written past the chain');
}

function confirmHead(head: Head | null, place: Place): void {
  if (head && head.seq === place.seq && head.hash === place.hash) return;
  const at = { seq: Math.min(head?.seq ?? 0, place.seq) + 1 };
  throw new Broken('head', at, `the head says ${head?.seq ?? 'nothing'}, and the last link is ${place.seq}`);
}
