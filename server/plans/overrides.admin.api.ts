import { z } from 'zod';
import type { ScopedClient } from '../db/client.ts';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { overrideInput } from './overrides.input.ts';
import { listOverrides, OVERRIDE_STATES, overrideStates } from './overrides.queries.ts';
import { endOverride, setOverride } from './overrides.service.ts';
import { LIMITS } from './plan-limits.ts';
import { usageAnswer } from './usage.api.ts';
import { findUsage } from './usage.queries.ts';

const override = z.object({
  ...{ id, name: z.enum(LIMITS), cap: z.int(), startsAt: instant, endsAt: instant.nullable() },
  ...{ reason: z.string(), createdAt: instant, createdByName: z.string(), state: z.enum(OVERRIDE_STATES) },
});

const answer = usageAnswer.extend({ overrides: z.array(override) });
const params = z.object({ id });
const tag = 'Usage';
const roles = ['operator'] as const;

/** The JSON twins of a market's limits. */
export function overridesAdminOperations({ clock }: Pick<Deps, 'clock'>): readonly Operation[] {
  const read = async (db: ScopedClient, marketId: string) => {
    const now = clock();
    const [usage, rows] = [await findUsage(db, now, marketId), await listOverrides(db, marketId)];
    const states = overrideStates(rows, now);
    return { ...usage, overrides: rows.map((row, i) => ({ ...row, state: states[i] })) };
  };
  return [
    operation({
      ...{ method: 'get', path: '/markets/:id/limits', tag, summary: 'What a market uses and may use' },
      ...{ params, response: answer },
      handler: (db, { params }) => read(db, params.id),
    }),
    operation({
      ...{ method: 'post', path: '/markets/:id/limits', tag, summary: 'Give a market a limit of its own' },
      description:
        'A cap below what is used is a 409 `below-use`, and with `acceptOverLimit` set all the same: what there is stays, new ones are refused.',
      ...{ roles, params, body: overrideInput, response: answer, status: 201 },
      handler: async (db, { params, body }) => {
        await setOverride(db, params.id, body, clock());
        return read(db, params.id);
      },
    }),
    operation({
      ...{ method: 'post', path: '/markets/:id/limits/:overrideId/end', tag, summary: 'End a limit now' },
      ...{ roles, params: params.extend({ overrideId: id }), response: answer },
      handler: async (db, { params }) => {
        await endOverride(db, params.id, params.overrideId, clock());
        return read(db, params.id);
      },
    }),
  ];
}
