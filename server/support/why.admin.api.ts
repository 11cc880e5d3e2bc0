import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { readBody } from '../http/form.ts';
import { ACTOR_KINDS, askWhy, LAYERS, TABLES, VERBS } from '../isolation/why.service.ts';
import { whyInput } from './why.input.ts';

const part = z.object({
  ...{ policy: z.string(), of: z.string(), sql: z.string(), words: z.string() },
  value: z.union([z.boolean(), z.literal('hidden')]),
});

const query = z.object({
  ...{ kind: z.enum(ACTOR_KINDS), marketId: z.string().optional(), actorId: z.string().optional() },
  ...{ table: z.enum(TABLES), row: z.string(), verb: z.enum(VERBS).optional() },
});

/** The JSON twin of the page. */
export function whyAdminOperations({ installation }: Pick<Deps, 'installation'>): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/why', tag: 'Why', summary: 'Which layer lets somebody have a row, or not' },
      query,
      response: z.object({
        ...{
          decision: z.enum(['allowed', 'refused', 'unknown']),
          layer: z.enum(LAYERS),
          parts: z.array(part),
        },
        code: z.string().nullable(),
      }),
      handler: (db, input) => askWhy(db, installation, readBody(whyInput, input.query)),
    }),
  ];
}
