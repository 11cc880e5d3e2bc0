import { z } from 'zod';
import { ACTOR_KINDS, TABLES, VERBS } from '../isolation/why.service.ts';

const uuid = z.union([z.literal(''), z.uuid({ error: 'form:format.uuid' })]).default('');
const needsMarket = (kind: string): boolean => kind !== 'staff';
const needsActor = (kind: string): boolean => kind !== 'visitor' && kind !== 'job';

/** Somebody, a row and what is to be done with it. Empty ids are nobody's. */
export const whyInput = z
  .strictObject({
    kind: z.enum(ACTOR_KINDS),
    marketId: uuid,
    actorId: uuid,
    table: z.enum(TABLES),
    row: z.string().trim().min(1, { error: 'form:required' }).max(300),
    verb: z.enum(VERBS).default('select'),
  })
  .refine(({ kind, marketId }) => !needsMarket(kind) || marketId !== '', {
    ...{ error: 'form:required', path: ['marketId'] },
  })
  .refine(({ kind, actorId }) => !needsActor(kind) || actorId !== '', {
    ...{ error: 'form:required', path: ['actorId'] },
  })
  .transform(({ kind, marketId, actorId, ...rest }) => ({
    ...{ ...rest, kind },
    marketId: needsMarket(kind) ? marketId : null,
    actorId: needsActor(kind) ? actorId : null,
  }));
