import type { RoleRules } from './declaration.ts';

/** What staff have of nearly every table: all rows to look at, none to change. */
export const staffReads = { select: { rows: 'staff', columns: '*' } } as const satisfies RoleRules;

/** What a market's team has of nearly every table: its own rows to look at. */
export const marketReads = { select: { rows: 'market', columns: '*' } } as const satisfies RoleRules;

/** A shopper's address or number for whoever sends: of shoppers who opted in, and to end that in the shopper's name. */
export const messengerContact = {
  select: { rows: 'signed-opted-in', columns: '*' },
  update: { rows: 'signed-shopper', columns: ['opted_in_at'] },
} as const satisfies RoleRules;
