import type { DatabaseOptions } from '../../db/client.ts';
import type { Check, Finding } from '../../db/guard/check.ts';
import { secretFindings } from '../catalogue/secret.rules.ts';
import type { RoleAccesses } from '../role-clients.ts';
import type { Json } from '../task-gate.ts';
import { probeTargets } from './probe.input.ts';
import { type ProbeReport, runProbe } from './run-probe.ts';
import { tryApplication } from './try-application.ts';

export interface PartnerProbeOptions {
  readonly accesses: RoleAccesses;
  /** How this process opens its market database. */
  readonly database: DatabaseOptions;
  readonly inspect: () => Promise<readonly Check[]>;
  readonly foreignSecrets: readonly string[];
}

/** A round of attacks and what else only the partner process can tell about itself. */
export interface PartnerReport extends ProbeReport {
  readonly process: readonly Finding[];
}

/** The task `probe`, as the partner process answers it. @throws ZodError for targets that are none. */
export function partnerProbe(
  options: PartnerProbeOptions,
): (input: unknown) => Promise<PartnerReport & Json> {
  return async (input) => {
    const targets = probeTargets.parse(input);
    const report = await runProbe(options.accesses, targets);
    const process = [
      ...(await tryApplication(options.database, targets)),
      ...secretFindings('partner', options.foreignSecrets),
      ...(await options.inspect()).flatMap(({ findings }) => findings),
    ];
    return { ...report, process } as unknown as PartnerReport & Json;
  };
}
