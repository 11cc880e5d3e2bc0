import { type Finding, finding } from '../../db/guard/check.ts';

/** A process that holds the other's secrets has lost the point of being a process of its own. */
export function secretFindings(portal: 'admin' | 'partner', names: readonly string[]): Finding[] {
  const [rule, whose] =
    portal === 'partner'
      ? (['BH-SEC-001', 'the admin portal'] as const)
      : (['BH-SEC-002', 'the partner process'] as const);
  return names.map((name) =>
    finding(
      rule,
      `the ${portal} process is told ${name}, a secret of ${whose}`,
      `take ${name} out of its environment`,
    ),
  );
}
