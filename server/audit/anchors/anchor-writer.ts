import type { AnchorStore } from '../audit.settings.ts';
import type { AuditGate } from '../audit-gate.ts';
import { seal } from '../envelope.ts';
import type { AuditPublicKey, AuditSigner } from '../signing.ts';
import {
  type Anchor,
  anchorFiles,
  appendAnchor,
  digestOf,
  isFault,
  lineOf,
  readAnchors,
} from './anchor-files.ts';
import type { Head } from './anchored-heads.ts';
import { storeAnchor } from './object-lock.ts';

export interface AnchorTools {
  readonly gate: Pick<AuditGate, 'heads' | 'rememberAnchor'>;
  readonly signer: AuditSigner;
  readonly keys: readonly AuditPublicKey[];
  readonly folder: string;
  readonly store: AnchorStore | null;
  readonly clock: () => Date;
  readonly logger: { error(context: object, message: string): void };
}

const DAY = 86_400_000;

/** What was written last, of each chain and in all. */
interface Written {
  last: Anchor | null;
  readonly heads: Map<string, Head>;
}

/**
 * Writes down, where the database's own logins can't reach, how far each chain is and by which hash. Only chains that have
 * moved are named; once a day a line is written in any case, so that silence means something.
 * @returns a function to call again and again; it says what it wrote, or null when there was nothing to say.
 */
export function createAnchorWriter(tools: AnchorTools): () => Promise<Anchor | null> {
  let written: Written | null = null;
  return async () => {
    written ??= await readWritten(tools);
    const heads = await tools.gate.heads();
    const moved = heads.filter((head) => hasMoved(head, written!.heads.get(head.chain), tools));
    const now = tools.clock();
    const isFresh = written.last && now.getTime() - Date.parse(written.last.at) < DAY;
    if (moved.length === 0 && isFresh) return null;
    const anchor = await write(tools, written.last, moved, now);
    written.last = anchor;
    for (const head of moved) written.heads.set(head.chain, head);
    return anchor;
  };
}

async function readWritten({ folder, keys }: AnchorTools): Promise<Written> {
  const written: Written = { last: null, heads: new Map() };
  for await (const read of readAnchors(anchorFiles(folder), keys)) {
    // Faults are for the verification to tell; here it is about where to go on.
    if (isFault(read)) continue;
    written.last = read;
    for (const head of read.heads) written.heads.set(head.chain, head);
  }
  return written;
}

// What goes backwards is written down as it is: the earlier lines stay, and the verification holds both against the chain.
function hasMoved(head: Head, before: Head | undefined, { logger }: AnchorTools): boolean {
  if (!before) return head.seq > 0;
  const isBack = head.seq < before.seq || (head.seq === before.seq && head.hash !== before.hash);
  if (isBack) logger.error({ head, before }, 'an audit chain is not what it was: run the verification');
  return isBack || head.seq > before.seq;
}

async function write(
  { signer, folder, store, gate, logger }: AnchorTools,
  last: Anchor | null,
  heads: readonly Head[],
  now: Date,
): Promise<Anchor> {
  const [n, at] = [(last?.n ?? 0) + 1, now.toISOString()];
  const triples = heads.map(({ chain, seq, hash }) => [chain, seq, hash]);
  const line = lineOf(
    seal({ kind: 'anchor', n, at, previous: last?.digest ?? null, heads: triples }, signer),
  );
  await appendAnchor(folder, at.slice(0, 7), line);
  const digest = digestOf(line);
  const isCopied = store ? await copy(store, n, line, now, logger) : false;
  const anchor = { n, at, heads, digest };
  await gate.rememberAnchor(anchor, isCopied);
  return anchor;
}

// A copy that fails is told and not waited for: the next one names this line by its digest.
async function copy(
  store: AnchorStore,
  n: number,
  line: string,
  now: Date,
  logger: AnchorTools['logger'],
): Promise<boolean> {
  try {
    await storeAnchor(store, `anchors/${String(n).padStart(12, '0')}.json`, line, now);
    return true;
  } catch (error) {
    logger.error({ err: error, n }, 'an anchor could not be copied to the object store');
    return false;
  }
}
