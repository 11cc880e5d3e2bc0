import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { instant } from '../http/fields.ts';
import { LIMIT_STATES, LIMITS } from './plan-limits.ts';
import { findUsage } from './usage.queries.ts';

export const limitAnswer = z.object({
  name: z.enum(LIMITS),
  use: z.int(),
  cap: z.int(),
  planCap: z.int().meta({ description: 'What the plan alone would allow' }),
  isOwn: z.boolean().meta({ description: 'The cap was set for this market' }),
  ownUntil: instant.nullable(),
  state: z.enum(LIMIT_STATES).meta({
    description: '`near` from 80 %, `full` at the cap, `over` above it: nothing more can be added',
  }),
  month: z.iso.date().nullable().meta({ description: 'First day of the month of a quota' }),
});

export const usageAnswer = z.object({
  plan: z.object({ id: z.string(), nameEn: z.string(), nameAr: z.string() }),
  limits: z.array(
    limitAnswer.extend({
      forecast: z.int().nullable().meta({ description: 'At the end of the month, as it goes' }),
      history: z.array(z.object({ month: z.iso.date(), used: z.int().nullable() })),
    }),
  ),
});

/** What clients ask before they offer to add something. The refusal itself is a 409 `plan-limit`, whoever asked. */
export function usagePartnerOperations({ clock }: Pick<Deps, 'clock'>): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/usage', tag: 'Usage', summary: 'Limits of the plan, and what is used' },
      response: usageAnswer,
      handler: (db) => findUsage(db, clock()),
    }),
  ];
}
