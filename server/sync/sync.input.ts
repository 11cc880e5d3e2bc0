import { z } from 'zod';
import { tillState } from '../devices/till-state.service.ts';
import { id } from '../http/fields.ts';

export const PAGE = 200;
export const MOST_CHANGES = 500;
export const MOST_OPERATIONS = 500;

export const pullQuery = z.strictObject({
  cursor: z.string().max(400).optional().meta({ description: 'As the last answer gave it; none to begin' }),
  limit: z.coerce.number().int().min(1).max(MOST_CHANGES).default(PAGE),
});

/** Made by the till, and kept by it until it has been answered. */
const operationId = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i, {
    error: 'form:format.uuid',
  })
  .meta({ format: 'uuid', description: 'UUID v7' });

/** One thing that a till has done. Anything else about it is refused, and only about it. */
export const syncOperation = z.strictObject({
  id: operationId,
  collection: z.literal('redemptions'),
  data: z.strictObject({
    code: z.string().min(1).max(400).meta({ description: 'As typed or scanned' }),
    redeemedAt: z.iso.datetime({ offset: true }).meta({ description: 'By the clock of the device' }),
    leaseId: id.nullish().meta({ description: 'The lease that covers it' }),
  }),
});
export type SyncOperation = z.output<typeof syncOperation>;

/** The batch itself; each operation is read by itself, so that a broken one holds up no other. */
export const pushBody = z.strictObject({
  operations: z.array(z.unknown()).max(MOST_OPERATIONS),
  state: tillState.optional(),
});

export const leaseBody = z.strictObject({ count: z.int().min(1).max(1000) });
