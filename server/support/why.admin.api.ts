import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { readBody } from '../http/form.ts';
import { ACTOR_KINDS, askWhy, LAYERS, TABLES, VERBS } from '../isolation/why.service.ts';
import { whyInput } from './why.input.ts';
import { askByReceipt, receiptNamed } from './why.receipt.ts';

const part = z.object({
  ...{ policy: z.string(), of: z.string(), sql: z.string(), words: z.string() },
  value: z.union([z.boolean(), z.literal('hidden')]),
});

const query = z.object({
  receipt: z.string().optional(),
  ...{ kind: z.enum(ACTOR_KINDS).optional(), marketId: z.string().optional() },
  ...{ actorId: z.string().optional(), table: z.enum(TABLES) },
  ...{ row: z.string().optional(), verb: z.enum(VERBS).optional() },
});

/** The JSON twin of the page. */
export function whyAdminOperations({ installation }: Pick<Deps, 'installation'>): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/why', tag: 'Why', summary: 'Which layer lets somebody have a row, or not' },
      description:
        'Either `receipt`, which says who it was, or `kind` with `marketId` and `actorId`. `row` may be left out with the verb `insert` alone.',
      query,
      response: z.object({
        ...{
          decision: z.enum(['allowed', 'refused', 'unknown']),
          layer: z.enum(LAYERS),
          parts: z.array(part),
        },
        code: z.string().nullable(),
      }),
      handler: async (db, input) => {
        if (input.query.receipt === undefined)
          return askWhy(db, installation, readBody(whyInput.byActor, input.query));
        const aim = readBody(whyInput.byReceipt, input.query);
        return askByReceipt(db, installation, await receiptNamed(db, aim.receipt), aim);
      },
    }),
  ];
}
