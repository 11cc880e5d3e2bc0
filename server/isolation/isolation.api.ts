import { z } from 'zod';
import { RULE_IDS } from '../db/guard/rules.ts';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { findingsOf } from './installation.ts';
import { lastProbes } from './probes.queries.ts';
import { probeNow } from './probes.service.ts';

const finding = z.object({ rule: z.enum(RULE_IDS), text: z.string(), mend: z.string() });
const round = z.object({
  ...{ id, at: instant, source: z.string(), attacks: z.int(), breaches: z.int(), durationMs: z.int() },
});
const tag = 'Isolation';

const examined = z.object({
  ...{ at: instant, ok: z.boolean(), fingerprint: z.string(), durationMs: z.int() },
  findings: z.array(finding),
  checks: z.array(z.object({ name: z.string(), findings: z.int() })),
});

const attacked = z.object({
  ...{ id, attacks: z.int(), breaches: z.int(), durationMs: z.int() },
  findings: z.array(finding),
  cells: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.string()))),
});

/** The JSON twins of the isolation page: for a monitor, and for CI. */
export function isolationAdminOperations({
  installation,
  clock,
}: Pick<Deps, 'installation' | 'clock'>): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/isolation', tag, summary: 'Is isolation as declared?' },
      response: examined,
      handler: async () => {
        const { checks, fingerprint, durationMs } = await installation.examine();
        const findings = findingsOf(checks);
        const counted = checks.map((check) => ({ name: check.name, findings: check.findings.length }));
        return { at: clock(), ok: findings.length === 0, fingerprint, durationMs, findings, checks: counted };
      },
    }),
    operation({
      ...{ method: 'get', path: '/isolation/probes', tag, summary: 'Rounds of attacks, newest first' },
      response: z.object({ rows: z.array(round) }),
      handler: async (db) => ({ rows: await lastProbes(db) }),
    }),
    operation({
      ...{
        method: 'post',
        path: '/isolation/probes',
        tag,
        summary: 'Attack now, over two markets or a sample',
      },
      body: z.strictObject({ own: id.optional(), foreign: id.optional() }),
      response: attacked,
      handler: async (db, { body }) => {
        const { own, foreign } = body;
        const probe = await probeNow(db, installation, own && foreign ? [own, foreign] : null);
        return { id: probe.id, ...probe.result };
      },
    }),
  ];
}
