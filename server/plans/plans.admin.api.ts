import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { instant } from '../http/fields.ts';
import { planInput } from './plans.input.ts';
import { findPlan, listPlansWithUse } from './plans.queries.ts';
import { updatePlan } from './plans.service.ts';

const plan = z.object({
  ...{ id: z.string(), nameEn: z.string(), nameAr: z.string(), monthlyPrice: z.int(), currency: z.string() },
  ...{ maxLiveOffers: z.int(), maxBranches: z.int(), maxTeamMembers: z.int() },
  ...{ maxDevices: z.int(), maxSyncPushes: z.int(), maxMessages: z.int() },
});

const whole = plan.extend({
  changes: z.array(
    z.object({
      changedAt: instant,
      reason: z.string(),
      staffUser: z.object({ name: z.string() }),
      changes: z.record(z.string(), z.object({ from: z.int(), to: z.int() })),
    }),
  ),
});

const params = z.object({ id: z.string().regex(/^[a-z]{1,32}$/) });
const tag = 'Plans';

/** The JSON twins of the plan pages. */
export function plansAdminOperations({ clock }: Pick<Deps, 'clock'>): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/plans', tag, summary: 'List plans' },
      response: z.object({ rows: z.array(plan) }),
      handler: async (db) => ({ rows: await listPlansWithUse(db) }),
    }),
    operation({
      ...{ method: 'get', path: '/plans/:id', tag, summary: 'One plan, and what was changed about it' },
      ...{ params, response: whole },
      handler: (db, { params }) => findPlan(db, params.id),
    }),
    operation({
      ...{ method: 'put', path: '/plans/:id', tag, summary: 'Change what a plan costs and allows' },
      description:
        'Counts at once for all its markets. Where some use more than it would allow, a 409 `below-use` names them and nothing is changed; `acceptOverLimit` changes it all the same. What there is stays, new ones are refused.',
      ...{ roles: ['operator'] as const, params, body: planInput, response: whole },
      handler: async (db, { params, body }) => {
        await updatePlan(db, params.id, body, clock());
        return findPlan(db, params.id);
      },
    }),
  ];
}
