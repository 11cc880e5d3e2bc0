import { z } from 'zod';
import { UUID } from '../http/ids.ts';
import { ACTOR_KINDS, TABLES, VERBS } from '../isolation/why.service.ts';

const uuid = z.union([z.literal(''), z.uuid({ error: 'form:format.uuid' })]).default('');
const needsMarket = (kind: string): boolean => kind !== 'staff' && kind !== 'person';
const needsActor = (kind: string): boolean => kind !== 'visitor' && kind !== 'job';

/** What is to be done with what. A new row needs no other to be like. */
const aim = {
  table: z.enum(TABLES),
  row: z.string().trim().max(300).default(''),
  verb: z.enum(VERBS).default('select'),
};
const namesRow = ({ row, verb }: { row: string; verb: string }): boolean => row !== '' || verb === 'insert';
const ROW_NEEDED = { error: 'form:required', path: ['row'] };

/** As it stands on an error page, however it was copied. */
const receiptId = z
  .string()
  .trim()
  .toLowerCase()
  .min(1, { error: 'form:required' })
  .regex(UUID, { error: 'why:receiptFormat' });

/** Somebody, a row and what is to be done with it. Empty ids are nobody's. */
const byActor = z
  .strictObject({ kind: z.enum(ACTOR_KINDS), marketId: uuid, actorId: uuid, ...aim })
  .refine(namesRow, ROW_NEEDED)
  .refine(({ kind, marketId }) => !needsMarket(kind) || marketId !== '', {
    ...{ error: 'why:marketNeeded', path: ['marketId'] },
  })
  .refine(({ kind, actorId }) => !needsActor(kind) || actorId !== '', {
    ...{ error: 'why:actorNeeded', path: ['actorId'] },
  })
  .transform(({ kind, marketId, actorId, ...rest }) => ({
    ...{ ...rest, kind },
    marketId: needsMarket(kind) ? marketId : null,
    actorId: needsActor(kind) ? actorId : null,
  }));

const fromReceipt = z.literal('', { error: 'why:fromReceipt' }).optional();

/** The same, where a receipt says who it was. */
const byReceipt = z
  .strictObject({
    receipt: receiptId,
    ...{ kind: fromReceipt, marketId: fromReceipt, actorId: fromReceipt, ...aim },
  })
  .refine(namesRow, ROW_NEEDED)
  .transform(({ receipt, table, row, verb }) => ({ receipt, table, row, verb }));

/** How a question reads that names a receipt, and one that names somebody. */
export const whyInput = { byActor, byReceipt, receipt: z.object({ receipt: receiptId }) };
