import type { Direct } from '../db/direct.ts';
import { sql } from '../db/direct.ts';
import type { Scope } from '../market/scope.ts';
import { readAnchoredHeads } from './anchors/read-anchored.ts';
import { PLATFORM } from './chain.ts';
import { seal } from './envelope.ts';
import type { KeepingTools } from './keeping.job.ts';
import { listChains, readChain } from './verify/chain-reader.ts';
import { verifyChain } from './verify/verify-chain.ts';

/**
 * Lets go of entries older than the setting says. A chain is verified first, and what goes is stood for by a signed
 * checkpoint: where the rest begins. A chain with a finding keeps everything: it is evidence.
 */
export async function letGo(
  { audit, database, clock, logger }: Pick<KeepingTools, 'audit' | 'database' | 'clock' | 'logger'>,
  scope: Scope,
): Promise<void> {
  const { signer, monthsKept, keys, anchorDir } = audit;
  if (!signer || monthsKept === null) return;
  const direct = database.direct(scope);
  const before = clock();
  before.setUTCMonth(before.getUTCMonth() - monthsKept);
  const anchors = await readAnchoredHeads(anchorDir, keys);
  for (const chain of await listChains(direct)) {
    // What was never anchored is not let go: nothing outside would know of it.
    const until = Math.min(await lastBefore(direct, chain, before), anchors.lastOf(chain));
    const reader = readChain(direct, chain);
    if (until <= ((await reader.checkpoint())?.seq ?? 0)) continue;
    const { finding } = await verifyChain(reader, { anchors, keys });
    if (finding) {
      logger.error({ finding }, 'an audit chain with a finding keeps all of its entries');
      continue;
    }
    const hash = await hashAt(direct, chain, until);
    const statement = { kind: 'checkpoint', chain, seq: until, hash, at: clock().toISOString() };
    await audit.gate.saveCheckpoint({ chain, seq: until, hash }, seal(statement, signer));
    const entries = await audit.gate.prune(chain);
    const details = { chain, until, entries, before: before.toISOString() };
    await audit.gate.note({ ...NOTE, details });
    logger.info({ chain, until, entries }, 'old audit entries were let go');
  }
}

const NOTE = {
  surface: 'admin',
  actorKind: 'job',
  action: 'audit.let-go',
  subjectType: 'audit',
  subjectId: null,
  receipt: '',
} as const;

/** The last place before which every entry is older than that. */
async function lastBefore(direct: Direct, chain: string, before: Date): Promise<number> {
  const [row] = await direct.rows<{ seq: number }>(
    chain === PLATFORM
      ? sql`select coalesce(
          (select min(link.seq) - 1 from platform_audit_entry as entry
             join platform_audit_link as link on link.entry_id = entry.id where entry.at >= ${before}),
          (select max(seq) from platform_audit_link), 0) as seq`
      : sql`select coalesce(
          (select min(link.seq) - 1 from audit_entry as entry
             join audit_link as link on link.market_id = entry.market_id and link.entry_id = entry.id
           where entry.market_id = ${chain} and entry.at >= ${before}),
          (select max(seq) from audit_link where market_id = ${chain}), 0) as seq`,
  );
  return row!.seq;
}

async function hashAt(direct: Direct, chain: string, seq: number): Promise<string> {
  for await (const link of readChain(direct, chain).links(seq - 1)) return link.hash;
  throw new Error(`The chain of ${chain} has no link ${seq}`);
}
