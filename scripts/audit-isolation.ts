import { parseArgs } from 'node:util';
import { BootError } from '../server/boot-error.ts';
import { scriptConfig } from '../server/config.ts';
import { type AuditReport, auditEnvironments, auditUrl, readEnvFile } from './audit-isolation.steps.ts';
import { withDatabase } from './database.ts';
import { portalEnv } from './portal.env.ts';
import { runScript, say } from './run.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    url: { type: 'string' },
    'admin-env': { type: 'string' },
    'partner-env': { type: 'string' },
    markets: { type: 'string' },
  },
});

let answered = false;

// npm run --silent audit:isolation -- --json: exit code 0 for a clean installation, 1 for findings, 2 when it could not be asked.
await runScript('audit:isolation', async () => {
  const report = await audit();
  if (values.json) say(JSON.stringify(report));
  else for (const line of linesOf(report)) say(line);
  answered = true;
  process.exitCode = report.ok ? 0 : 1;
});
if (!answered) process.exitCode = 2;

function audit(): Promise<AuditReport> {
  const chosen = chosenMarkets(values.markets);
  if (values.url) return auditUrl(values.url);
  const { 'admin-env': adminFile, 'partner-env': partnerFile } = values;
  if (adminFile && partnerFile) {
    return auditEnvironments({ admin: readEnvFile(adminFile), partner: readEnvFile(partnerFile) }, chosen);
  }
  if (adminFile || partnerFile) throw new BootError('Give both --admin-env and --partner-env, or neither.');
  const script = scriptConfig();
  return withDatabase(script, (target) =>
    auditEnvironments(
      { admin: portalEnv('admin', target, script), partner: portalEnv('partner', target, script) },
      chosen,
    ),
  );
}

function chosenMarkets(text: string | undefined): readonly [string, string] | null {
  if (text === undefined) return null;
  const ids = text.split(',').map((id) => id.trim());
  const isPair = ids.length === 2 && ids[0] !== ids[1] && ids.every((id) => /^[0-9a-f-]{36}$/.test(id));
  if (!isPair)
    throw new BootError('--markets takes the ids of two different markets, with a comma between them.');
  return [ids[0]!, ids[1]!];
}

function linesOf({ ok, findings, fingerprint, probe, kept }: AuditReport): string[] {
  const attacked = probe
    ? `${probe.attacks} attacks in ${probe.durationMs} ms, ${probe.breaches} got through.`
    : 'The catalogue alone was asked; no attack was made.';
  return [
    ...findings.flatMap(({ rule, text, mend }) => [
      `${rule}  ${text}`,
      ...(mend ? [`            mend: ${mend}`] : []),
    ]),
    attacked,
    ...(kept ? [keptLine(kept)] : []),
    `Fingerprint ${fingerprint}`,
    ok ? 'Isolation is as declared.' : `${findings.length} findings. /isolation/rules explains each rule.`,
  ];
}

function keptLine(kept: NonNullable<AuditReport['kept']>): string {
  return 'id' in kept
    ? `Kept at /isolation/probes/${kept.id}.`
    : `The round could not be kept: ${kept.reason}`;
}
