import { bootLine } from '../server/boot-error.ts';

/** Runs a script's main function; an error ends it with one line on stderr and exit code 1. */
export async function runScript(name: string, main: () => Promise<void>): Promise<void> {
  // Whoever reads the output may stop reading, as `head` does.
  process.stdout.on('error', () => undefined);
  try {
    await main();
  } catch (error) {
    process.stderr.write(`bulkhead ${name}: ${bootLine(error)}\n`);
    process.exitCode = 1;
  }
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
