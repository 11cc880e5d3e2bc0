import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';

const response = z.object({
  checks: z.array(z.object({ name: z.string(), findings: z.array(z.string()) })),
});

/** The JSON twin of the checks page: for a monitor that asks every few minutes. */
export function checksAdminOperations({ inspect }: Pick<Deps, 'inspect'>): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/checks', tag: 'Checks', summary: 'Is the database as declared?' },
      response,
      handler: async () => ({
        checks: (await inspect()).map(({ name, findings }) => ({
          name,
          findings: findings.map(({ rule, text }) => `${rule} ${text}`),
        })),
      }),
    }),
  ];
}
