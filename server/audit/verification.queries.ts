import type { ScopedClient } from '../db/client.ts';
import { PLATFORM } from './chain.ts';
import type { AuditFinding } from './verify/finding.ts';

/** The last lines that were written outside of the database. Needs a staff scope, as everything here. */
export const lastAnchors = (db: ScopedClient, take = 5) =>
  db.auditAnchor.findMany({ orderBy: { n: 'desc' }, take });

/** The last verifications, each finding with the market that it is about. */
export async function lastChecks(db: ScopedClient, take = 10) {
  const found = await db.auditCheck.findMany({
    orderBy: [{ finishedAt: 'desc' }, { id: 'desc' }],
    take,
    include: { staffUser: { select: { name: true } } },
  });
  const checks = found.map(({ findings, entries, ...check }) => ({
    ...check,
    entries: Number(entries),
    findings: findings as unknown as AuditFinding[],
  }));
  const ids = checks.flatMap(({ findings }) => findings.map(({ chain }) => chain)).filter(isMarket);
  const names = await db.market.findMany({
    where: { id: { in: ids } },
    select: { id: true, nameEn: true, nameAr: true },
  });
  return { checks, markets: new Map(names.map((market) => [market.id, market])) };
}

const isMarket = (chain: string) => chain !== PLATFORM && chain !== 'anchors';
