import type { Check, Finding } from '../db/guard/check.ts';
import { withClient } from '../db/setup/connect.ts';
import type { Scope } from '../market/scope.ts';
import { auditCatalogue } from './catalogue/audit-catalogue.ts';
import { fingerprintOf } from './catalogue/fingerprint.ts';
import { secretFindings } from './catalogue/secret.rules.ts';
import { readSnapshot, type Snapshot } from './catalogue/snapshot.ts';
import { type Chosen, findTargets } from './probe/find-targets.ts';
import type { ProbeTargets } from './probe/probe.input.ts';
import { asRole, type RoleAccess } from './role-clients.ts';
import { type Answer, answer } from './why/answer.ts';
import { lookUp, type Wanted } from './why/look-up.ts';
import type { Question } from './why/question.ts';

/** What the admin process can find out by itself: it holds no key of the partner's surfaces. */
export interface Installation {
  /** The catalogue as it is, and everything about it that is not as declared. */
  examine(): Promise<Examined>;
  /** Whom to attack and what there is to be had; looked up as this member of staff. */
  targets(scope: Scope, chosen: Chosen): Promise<ProbeTargets>;
  /** Why somebody has a row, or has not: what it takes to ask, and the answer where staff itself is asked about. */
  readonly why: {
    lookUp(scope: Scope, wanted: Wanted): Promise<Question>;
    answer(question: Question): Promise<Answer>;
  };
}

export interface Examined {
  readonly at: string;
  readonly snapshot: Snapshot;
  readonly fingerprint: string;
  /** The database server's version. */
  readonly server: string;
  readonly checks: readonly Check[];
  readonly durationMs: number;
}

export interface InstallationOptions {
  /** The admin portal's login and key. */
  readonly staff: RoleAccess;
  /** The boot guard's questions, over the process's own logins. */
  readonly inspect: () => Promise<readonly Check[]>;
  readonly foreignSecrets: readonly string[];
  readonly clock?: () => Date;
}

export function createInstallation(options: InstallationOptions): Installation {
  const { staff, inspect, foreignSecrets, clock = () => new Date() } = options;
  return {
    examine: async () => {
      const begun = performance.now();
      const { snapshot, asked, server } = await withClient(staff.url, async (client) => {
        const { rows } = await client.query<{ server_version: string }>('show server_version');
        const said = { snapshot: await readSnapshot(client), asked: await auditCatalogue(client) };
        return { ...said, server: `PostgreSQL ${rows[0]!.server_version}` };
      });
      const secrets = { name: 'secrets', findings: secretFindings('admin', foreignSecrets) };
      const checks = [...asked, secrets, ...(await inspect())];
      const durationMs = Math.round(performance.now() - begun);
      const fingerprint = fingerprintOf(snapshot);
      return { at: clock().toISOString(), snapshot, fingerprint, server, checks, durationMs };
    },
    targets: (scope, chosen) => asRole(staff, scope, (client) => findTargets(client, chosen)),
    why: {
      lookUp: (scope, wanted) => asRole(staff, scope, (client) => lookUp(client, wanted)),
      answer: (question) => answer(staff, question),
    },
  };
}

/** Every finding once, whoever came upon it. */
export function findingsOf(checks: readonly Check[]): Finding[] {
  const seen = new Map<string, Finding>();
  for (const { findings } of checks) {
    for (const each of findings) {
      const key = `${each.rule} ${each.text}`;
      if (!seen.has(key)) seen.set(key, each);
    }
  }
  return [...seen.values()].sort((a, b) => a.rule.localeCompare(b.rule) || a.text.localeCompare(b.text));
}
