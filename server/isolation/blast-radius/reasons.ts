import type { Difference } from './compare.ts';

/** `-- widens: <table>.<verb> for <role>: why`; `*` stands for any of the three. */
export interface Reason {
  readonly table: string;
  readonly verb: string;
  readonly role: string;
  readonly why: string;
}

const LINE = /^-- widens: (\S+)\.(\S+|row security) for (\S+): (.{10,})$/gm;

/** The reasons that a migration gives for letting somebody do more. */
export function readReasons(sql: string): Reason[] {
  return [...sql.matchAll(LINE)].map(([, table, verb, role, why]) => ({
    ...{ table: table!, verb: verb!, role: role!, why: why!.trim() },
  }));
}

/** Whether a difference has to have a reason: it lets somebody do more, or nobody can say that it does not. */
export const needsReason = ({ direction }: Difference): boolean =>
  direction === 'wider' || direction === 'changed';

export function reasonFor(difference: Difference, reasons: readonly Reason[]): Reason | undefined {
  const fits = (pattern: string, value: string) => pattern === '*' || pattern === value;
  return reasons.find(
    ({ table, verb, role }) =>
      fits(table, difference.table) && fits(verb, difference.verb) && fits(role, difference.role),
  );
}
