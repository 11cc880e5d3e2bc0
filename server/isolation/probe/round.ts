import type { Finding } from '../../db/guard/check.ts';
import { findingsOf } from '../installation.ts';
import type { PartnerReport } from './partner-probe.ts';
import type { ProbeTargets } from './probe.input.ts';

/** A round of attacks as it is kept. */
export interface ProbeResult extends Omit<PartnerReport, 'process' | 'findings'> {
  readonly markets: readonly [own: string, foreign: string];
  readonly findings: readonly Finding[];
}

/** What the partner process found, each finding once. */
export function roundOf(report: PartnerReport, { own, foreign }: Pick<ProbeTargets, 'own' | 'foreign'>) {
  const { process, findings, ...rest } = report;
  const all = findingsOf([{ name: 'probe', findings: [...findings, ...process] }]);
  return { ...rest, markets: [own.id, foreign.id], findings: all } satisfies ProbeResult as ProbeResult;
}

/** What the list of rounds says of one. */
export function summaryOf({ attacks, breaches, durationMs, findings }: ProbeResult) {
  return { attacks, breaches: Math.max(breaches, findings.length), durationMs };
}
