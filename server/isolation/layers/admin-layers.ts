import { z } from 'zod';
import type { Database } from '../../db/client.ts';
import { NOBODY, type Scope } from '../../market/scope.ts';
import type { Json } from '../task-gate.ts';
import { seenRows } from './seen-rows.ts';

const asked = z.object({ marketId: z.uuid(), model: z.string(), where: z.json() });

/**
 * The task `layers`: the arguments' scoping alone. Policies let staff see every market, so what holds these reads to one
 * is what is put into the arguments. @throws ZodError or RangeError for a question that is none.
 */
export function adminLayers(database: Pick<Database, 'scoped'>): (input: unknown) => Promise<Json> {
  return async (input) => {
    const { marketId, model, where } = asked.parse(input);
    return (await seenRows(database.scoped(scopeOf(marketId)), { model, where })) as unknown as Json;
  };
}

const scopeOf = (marketId: string): Scope => ({
  ...{ surface: 'admin', marketId, receipt: NOBODY },
  actor: { kind: 'staff', id: NOBODY, role: 'support', name: '' },
});
