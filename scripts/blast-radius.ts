import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prismaFolder } from '../server/paths.ts';
import { type BlastRadius, blastRadius, REASONED_FROM, type Row } from './blast-radius.steps.ts';
import { runScript, say } from './run.ts';

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: REASONED_FROM },
    to: { type: 'string' },
    json: { type: 'boolean', default: false },
    // Another branch's migrations, from a checkout of it.
    folder: { type: 'string', default: join(prismaFolder, 'migrations') },
  },
});

// npm run --silent blast:radius -- --from 20261128150000: exit code 1 when somebody may do more without a written reason.
await runScript('blast:radius', async () => {
  const radius = await blastRadius(values.folder, values.from, values.to);
  if (values.json) say(JSON.stringify(radius));
  else for (const line of linesOf(radius)) say(line);
  process.exitCode = radius.unexplained.length > 0 ? 1 : 0;
});

function linesOf({ from, to, rows, unexplained }: BlastRadius): string[] {
  return [
    `From before ${from} to after ${to}: ${rows.length} differences.`,
    ...rows.flatMap(lineOf),
    unexplained.length === 0
      ? 'Every widening has a reason.'
      : `${unexplained.length} widenings without a reason. Write "-- widens: <table>.<verb> for <role>: why" into the migration.`,
  ];
}

function lineOf({ table, verb, role, before, after, direction, reason }: Row): string[] {
  const cut = (text: string) => (text.length > 160 ? `${text.slice(0, 159)}…` : text);
  return [
    `${direction.padEnd(9)} ${table}.${verb} for ${role}${reason ? `  (${reason})` : ''}`,
    `            before: ${cut(before)}`,
    `            after:  ${cut(after)}`,
  ];
}
