import { readFileSync } from 'node:fs';
import { createAuditGate } from '../server/audit/audit-gate.ts';
import { createGate } from '../server/auth/gate.ts';
import { BootError } from '../server/boot-error.ts';
import { type Config, type PortalName, portalConfig } from '../server/config.ts';
import { inspect } from '../server/db/guard/boot-guard.ts';
import type { Finding } from '../server/db/guard/check.ts';
import { withClient } from '../server/db/setup/connect.ts';
import { guardedLogins } from '../server/deps.ts';
import { foreignSecrets } from '../server/foreign-secrets.ts';
import { auditCatalogue } from '../server/isolation/catalogue/audit-catalogue.ts';
import { fingerprintOf } from '../server/isolation/catalogue/fingerprint.ts';
import { readSnapshot } from '../server/isolation/catalogue/snapshot.ts';
import { createInstallation, findingsOf } from '../server/isolation/installation.ts';
import type { Chosen } from '../server/isolation/probe/find-targets.ts';
import { type PartnerReport, partnerProbe } from '../server/isolation/probe/partner-probe.ts';
import { type ProbeResult, roundOf } from '../server/isolation/probe/round.ts';
import { createProbeGate, type NoteRound } from '../server/isolation/probe-gate.ts';
import { roleAccesses } from '../server/isolation/tasks/partner-tasks.ts';
import { NOBODY, type Scope } from '../server/market/scope.ts';
import { admin } from '../server/portals/admin.ts';
import { partner } from '../server/portals/partner.ts';

type Env = Record<string, string | undefined>;

export interface AuditReport {
  readonly at: string;
  readonly ok: boolean;
  readonly fingerprint: string;
  readonly findings: readonly Finding[];
  /** Null: only the catalogue was asked. */
  readonly probe: Omit<PartnerReport, 'findings' | 'process'> | null;
  /** Where the round is kept, or why it is not; null when none was made. */
  readonly kept: { readonly id: string } | { readonly reason: string } | null;
}

/** The command has no person behind it. */
const NOBODY_OF_STAFF: Scope = {
  ...{ surface: 'admin', marketId: null, receipt: 'audit:isolation' },
  actor: { kind: 'staff', id: NOBODY, role: 'support', name: 'audit:isolation' },
};

/** The catalogue alone, over any login. */
export async function auditUrl(url: string): Promise<AuditReport> {
  return withClient(url, async (client) => {
    const findings = findingsOf(await auditCatalogue(client));
    const fingerprint = fingerprintOf(await readSnapshot(client));
    return {
      at: new Date().toISOString(),
      ok: findings.length === 0,
      fingerprint,
      findings,
      probe: null,
      kept: null,
    };
  });
}

/** Everything: catalogue, both processes' logins and environments, and a round of attacks as the real roles. */
export async function auditEnvironments(
  envs: Readonly<Record<PortalName, Env>>,
  chosen: Chosen,
): Promise<AuditReport> {
  const [staffSide, partnerSide] = [configOf('admin', envs.admin), configOf('partner', envs.partner)];
  const installation = createInstallation({
    staff: { url: staffSide.database.url, key: staffSide.contextKeys[0]! },
    inspect: async () => (await Promise.all(guardedLogins(admin, staffSide).map(inspect))).flat(),
    foreignSecrets: foreignSecrets('admin', envs.admin),
  });
  const { at, fingerprint, checks } = await installation.examine();
  const probe = partnerProbe({
    accesses: roleAccesses(partnerSide),
    database: { ...partnerSide.database, key: partnerSide.contextKeys[0]! },
    inspect: async () => (await Promise.all(guardedLogins(partner, partnerSide).map(inspect))).flat(),
    foreignSecrets: foreignSecrets('partner', envs.partner),
  });
  const { report, round } = await attack(installation.targets, probe, chosen);
  const { findings: breaches, process, ...rest } = report;
  const findings = findingsOf([...checks, { name: 'probe', findings: [...breaches, ...process] }]);
  const kept = round && (await keep(staffSide, round));
  return { at, ok: findings.length === 0, fingerprint, findings, probe: rest, kept };
}

/** A round that can't be kept has been made all the same, and what it found is told. */
async function keep({ database, contextKeys }: Config, round: ProbeResult): Promise<AuditReport['kept']> {
  const gate = createGate({ url: database.gateUrl, key: contextKeys[0]!, size: 1 });
  try {
    return { id: await createProbeGate(gate, noteRound).keep(round) };
  } catch (error) {
    return { reason: (error as Error).message };
  } finally {
    await gate.close();
  }
}

const noteRound: NoteRound = (query, id, details) =>
  createAuditGate({ query }).note({
    ...{ surface: 'admin', actorKind: 'job', receipt: '', action: 'isolation.probe' },
    ...{ subjectType: 'isolation_probe', subjectId: id, details },
  });

interface Attacked {
  readonly report: PartnerReport;
  readonly round: ProbeResult | null;
}

async function attack(
  targets: ReturnType<typeof createInstallation>['targets'],
  probe: ReturnType<typeof partnerProbe>,
  chosen: Chosen,
): Promise<Attacked> {
  try {
    const found = await targets(NOBODY_OF_STAFF, chosen);
    const report = await probe(found);
    return { report, round: roundOf(report, found) };
  } catch (error) {
    const finding = {
      rule: 'BH-PRB-011' as const,
      text: `no attack could be made: ${(error as Error).message}`,
      mend: '',
    };
    const nothing = { durationMs: 0, attacks: 0, breaches: 1, milliseconds: {}, cells: {}, stakes: {} };
    return { report: { ...nothing, findings: [finding], process: [] }, round: null };
  }
}

/** What is wrong with the environment itself is a finding, and no reason to find nothing else. */
function configOf(portal: PortalName, env: Env): Config {
  const leaked = new Set(foreignSecrets(portal, env));
  return portalConfig(portal, Object.fromEntries(Object.entries(env).filter(([name]) => !leaked.has(name))));
}

/** A file of `NAME=value` lines, as `npm run portal:env` prints them. @throws BootError */
export function readEnvFile(file: string): Env {
  try {
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => /^\w+=/.test(line));
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
  } catch (error) {
    throw new BootError(`${file} can't be read: ${(error as Error).message}`);
  }
}
