import type { Verb } from './table-facts.ts';

/** What became of the statement itself. */
export interface Tried {
  /**
   * `policies`: the policies let the example row through, and the table's own constraints did not. Null: it was not
   * tried, or ended for a reason that says nothing about the actor; then `code` is that reason's.
   */
  readonly passed: boolean | 'policies' | null;
  readonly code: string | null;
}

/** Time, locks, rows that others changed meanwhile, and a server or a connection in trouble: another try may end otherwise. */
const UNDECIDED = /^(08|40|53|55P03|57|58)/;

/** What an error says about the actor. */
export function triedOf(error: unknown, verb: Verb): Tried {
  const { code, routine } = error as { code?: unknown; routine?: unknown };
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return { passed: null, code: 'none' };
  if (UNDECIDED.test(code)) return { passed: null, code };
  // A partition is looked for before any policy is asked.
  if (routine === 'ExecFindPartition') return { passed: null, code: null };
  if (verb === 'insert' && code.startsWith('23')) return { passed: 'policies', code };
  return { passed: false, code };
}
