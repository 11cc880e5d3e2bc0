import Mocha from 'mocha';
import type { Outcome } from '../../scripts/test.lane.ts';

/** Mocha's own listing, then what was skipped and why, then one plain line with the counts. */
export default class Reporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const { skipped } = outcomeOf(runner);
    runner.once('end', () => {
      if (skipped.length > 0)
        process.stdout.write(`Skipped:\n${skipped.map((line) => `  ${line}\n`).join('')}`);
      const { passes, failures, pending } = this.stats;
      process.stdout.write(`${passes} passed, ${failures} failed, ${pending} skipped\n`);
    });
  }
}

/** Filled in while the runner runs. */
export function outcomeOf(runner: Mocha.Runner): Outcome {
  const outcome: Outcome = { passed: 0, failed: [], skipped: [] };
  runner.on('pass', () => {
    outcome.passed++;
  });
  runner.on('fail', (test) => outcome.failed.push(test.fullTitle()));
  runner.on('pending', (test) => {
    const own = (test as { skipReason?: string }).skipReason;
    const reason = own ?? inherited(test.parent) ?? 'switched off in its file';
    outcome.skipped.push(`${test.fullTitle()}: ${reason}`);
  });
  return outcome;
}

function inherited(suite: Mocha.Suite | undefined): string | undefined {
  if (!suite) return undefined;
  const hooks = [...(suite as unknown as { _beforeAll: object[] })._beforeAll] as { skipReason?: string }[];
  return hooks.find((hook) => hook.skipReason)?.skipReason ?? inherited(suite.parent);
}
