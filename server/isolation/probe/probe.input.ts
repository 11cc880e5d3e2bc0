import { z } from 'zod';

const market = z.object({
  id: z.uuid(),
  /** Who acts for it on each surface; null where it has nobody, and that surface is asked without a name. */
  member: z.uuid().nullable(),
  device: z.uuid().nullable(),
  shopper: z.uuid().nullable(),
});

/** What a round of attacks needs to know; staff looks it up, because no market's role could. */
export const probeTargets = z.object({
  own: market,
  foreign: market,
  /** Per table: rows of each market, a thousand at most, and the key of one of the foreign market's. */
  tables: z.record(
    z.string().regex(/^[a-z_]{1,63}$/),
    z.object({
      own: z.int().nonnegative(),
      foreign: z.int().nonnegative(),
      row: z.record(z.string(), z.unknown()).nullable(),
    }),
  ),
});

export type ProbeTargets = z.infer<typeof probeTargets>;
export type ProbeMarket = z.infer<typeof market>;
