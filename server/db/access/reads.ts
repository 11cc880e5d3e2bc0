import type { RoleRules } from './declaration.ts';

/** What staff have of nearly every table: all rows to look at, none to change. */
export const staffReads = { select: { rows: 'staff', columns: '*' } } as const satisfies RoleRules;

/** What a market's team has of nearly every table: its own rows to look at. */
export const marketReads = { select: { rows: 'market', columns: '*' } } as const satisfies RoleRules;
