import { z } from 'zod';
import { text } from '../http/fields.ts';

export const REASON_MAX = 1000;

/** What was seen, and what is thought of it. A rejection says why; the partner reads it. */
export const verdictInput = z
  .object({
    decision: z.enum(['approved', 'rejected']),
    digest: z
      .string()
      .regex(/^[0-9a-f]{64}$/, { error: 'moderation:wrong.digest' })
      .meta({ description: '`contentDigest` of the offer as it was read' }),
    reason: text(REASON_MAX, 0).default('').meta({ description: 'Required to reject; the partner reads it' }),
  })
  .refine((verdict) => verdict.decision === 'approved' || verdict.reason !== '', {
    path: ['reason'],
    error: 'moderation:wrong.reason',
  });
