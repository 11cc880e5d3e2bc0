import { access } from '../../db/access/declaration.ts';
import type { Scope } from '../../market/scope.ts';
import { accessOf, checkRead, checkWrite } from '../../market/scoping/access.ts';
import { DECOY_MARKET } from '../../market/scoping/decoy-market.ts';
import type { Model } from '../../market/scoping/model-map.ts';
import { ScopeViolation } from '../../market/scoping/scope-violation.ts';
import { unscopedModels } from '../../market/scoping/unscoped-models.ts';
import type { KnownRow } from './evaluate.ts';
import type { Verb } from './table-facts.ts';

/** Prisma's name of a table. */
export const modelName = (table: string): string =>
  table.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Whether the scoped client would find the row, had the database nothing against it. */
export function passesFilter(scope: Scope, table: string, verb: Verb, row: KnownRow): boolean {
  const key = access[table]?.marketKey ?? null;
  const reach = unscopedModels[modelName(table)]?.reach ?? null;
  if (!key && !reach) return false;
  const model = {
    name: table,
    marketField: key === 'market_id' ? 'marketId' : key,
    reach,
  } as unknown as Model;
  try {
    const may = accessOf(scope);
    if (verb === 'select') checkRead(model, may);
    else checkWrite(model, may);
    if (!key) return true;
    return may.marketId === null ? row[key] !== DECOY_MARKET : row[key] === may.marketId;
  } catch (error) {
    if (error instanceof ScopeViolation) return false;
    throw error;
  }
}
