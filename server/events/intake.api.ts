import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { intakeHealth, OUTCOMES } from './intake.queries.ts';

const count = z.int().min(0);
const response = z.object({
  days: z.array(
    z.object({ day: z.iso.date(), ...Object.fromEntries(OUTCOMES.map((outcome) => [outcome, count])) }),
  ),
  months: z.array(z.string().meta({ description: 'YYYY-MM' })),
  missingMonths: z.array(z.string()),
  waiting: z.object({ tasks: count, oldest: instant.nullable(), marketId: id.nullable() }),
  checks: z.array(
    z.object({
      ...{
        id,
        nameEn: z.string(),
        nameAr: z.string(),
        checkedAt: instant.nullable(),
        rolledAt: instant.nullable(),
      },
      differences: z.array(
        z.object({
          day: z.iso.date(),
          kind: z.string(),
          byOffer: z.int(),
          byHour: z.int(),
          events: count,
          places: count,
        }),
      ),
    }),
  ),
  checked: z.object({ markets: count, ever: count, oldest: instant.nullable() }),
});

/** The JSON twin of the intake page: for a monitor that asks every few minutes. */
export function intakeAdminOperations({
  database,
  clock,
}: Pick<Deps, 'database' | 'clock'>): readonly Operation[] {
  return [
    operation({
      ...{
        method: 'get',
        path: '/analytics/intake',
        tag: 'Analytics',
        summary: 'How does the intake of events do?',
      },
      response,
      handler: (db, { req }) => intakeHealth(db, database.direct(req.scope), clock()),
    }),
  ];
}
