import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { BootError, bootLine } from '../server/boot-error.ts';
import { scriptConfig } from '../server/config.ts';
import { verifyFile } from './audit/verify-file.ts';
import { verifyInstallation } from './audit/verify-installation.ts';
import { say } from './run.ts';

/** 0: nothing was touched. 1: something was. 2: it could not be found out. */
const CODES = { sound: 0, touched: 1, unknown: 2 } as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    keys: { type: 'string' },
    anchors: { type: 'string' },
  },
});

// npm run audit:verify [-- <file>] [--json] [--keys <bulkhead-audit.json>] [--anchors <folder>]
try {
  const [file, ...more] = positionals;
  if (more.length > 0) throw new BootError('Name one file, or none to verify the trail itself.');
  const script = scriptConfig();
  const verdict = file
    ? await verifyFile(file, script, values.keys && readFileSync(values.keys, 'utf8'))
    : await verifyInstallation(script, values.anchors);
  for (const line of values.json ? [JSON.stringify(verdict.report)] : verdict.lines) say(line);
  process.exitCode = verdict.sound ? CODES.sound : CODES.touched;
} catch (error) {
  process.stderr.write(`bulkhead audit:verify: ${bootLine(error)}\n`);
  process.exitCode = CODES.unknown;
}
