import { z } from 'zod';
import { id } from '../http/fields.ts';

/** More at once than a page that was offline for a day has to tell. */
export const MOST_EVENTS = 200;

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const event = z.strictObject({
  id: z
    .string()
    .regex(UUID_V7, { error: 'events:notV7' })
    .meta({ format: 'uuid', description: 'A UUID v7 of the instant at which it happened' }),
  // Claims and redemptions are told by the claims themselves.
  kind: z.literal('view'),
  offerId: id,
  branchId: id.optional(),
});

/** Body of `POST /events`. */
export const reportedEvents = z.strictObject({
  visitor: id
    .optional()
    .meta({ description: 'A random id of the visitor. Kept in a form that no other market can recognise.' }),
  events: z.array(event).min(1).max(MOST_EVENTS),
});

const count = z.int().min(0);

/** Answer of `POST /events`: what became of them. Each is in one of the counts. */
export const intakeAnswer = z.object({
  accepted: count.meta({ description: 'Written, and safe from any crash' }),
  repeated: count.meta({ description: 'Written before under the same id' }),
  ignored: z.object({
    unknown: count.meta({ description: 'Offer or branch not shown now' }),
    late: count.meta({ description: 'More than 7 days old' }),
    early: count.meta({ description: 'More than 5 minutes in the future' }),
    bot: count.meta({ description: 'Sent by a crawler, or by something that does not say what it is' }),
  }),
});

export type IntakeAnswer = z.output<typeof intakeAnswer>;
