import type { Context } from 'mocha';
import { stopTestCluster } from './cluster.ts';

/** Runs once, after everything, also when tests failed or were interrupted. */
export async function mochaGlobalTeardown(): Promise<void> {
  await stopTestCluster();
}

/** Skips the running test or suite and keeps the reason for the list at the end of the run. */
export function skipBecause(context: Context, reason: string): never {
  const runnable = context.test ?? context.currentTest;
  if (runnable) Object.assign(runnable, { skipReason: reason });
  return context.skip();
}
