import { keeperScope } from '../../server/audit/keeping.job.ts';
import type { AuditFinding } from '../../server/audit/verify/finding.ts';
import { type TrailVerdict, verifyTrail } from '../../server/audit/verify/verify-trail.ts';
import { portalConfig } from '../../server/config.ts';
import { createDatabase } from '../../server/db/client.ts';
import { type Script, withDatabase } from '../database.ts';
import { portalEnv } from '../portal.env.ts';

/** What a verification says, for people and for machines. */
export interface Verdict {
  readonly sound: boolean;
  readonly lines: readonly string[];
  readonly report: object;
}

/** Verifies this installation's trail through the admin portal's own login: as much as that may see is enough. */
export async function verifyInstallation(script: Script, anchors?: string): Promise<Verdict> {
  return withDatabase(script, async (target) => {
    const config = portalConfig('admin', { ...script.passedOn, ...portalEnv('admin', target, script) });
    const database = createDatabase({ ...config.database, key: config.contextKeys[0]! });
    const started = Date.now();
    try {
      const direct = database.direct(keeperScope);
      const anchorDir = anchors ?? config.audit!.anchorDir;
      const verdict = await verifyTrail({ direct, keys: config.auditKeys, anchorDir });
      return verdictOf(verdict, Date.now() - started);
    } finally {
      await database.close();
    }
  });
}

function verdictOf(verdict: TrailVerdict, ms: number): Verdict {
  const { chains, entries, anchors, anchoredAt, findings } = verdict;
  const sound = findings.length === 0;
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  const counted = `${entries} entries in ${chains} chains, ${anchors} anchors`;
  const seen = anchoredAt ? `anchored last ${anchoredAt}` : 'never anchored: held against themselves alone';
  return {
    sound,
    report: { ok: sound, ...verdict, ms, peakMb },
    lines: [
      ...findings.map(lineOf),
      `${sound ? 'Nothing was touched' : `${findings.length} found`}: ${counted} (${seen}), ${ms} ms, at most ${peakMb} MB.`,
    ],
  };
}

const lineOf = ({ chain, kind, seq, entryId, words }: AuditFinding): string =>
  `${kind} in ${chain}${seq === null ? '' : ` at ${seq}`}${entryId ? `, entry ${entryId}` : ''}: ${words}`;
