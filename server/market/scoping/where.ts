import { type Access, checkRead } from './access.ts';
import { DECOY_MARKET } from './decoy-market.ts';
import type { Model, ModelMap, Relation } from './model-map.ts';
import { checkPlain, each, entriesOf, isAbsent, isKeyValue, isPlain, type Plain } from './plain.ts';
import { ScopeViolation } from './scope-violation.ts';

export interface Context {
  readonly models: ModelMap;
  readonly access: Access;
}

export const modelOf = (context: Context, name: string): Model => {
  const model = context.models.get(name);
  if (!model) throw new ScopeViolation(`No such model: ${name}`);
  return model;
};

/** The condition that holds a model to the scope's market; null where there is none to hold it to. */
export function ownMarket(model: Model, access: Access): Plain | null {
  return model.marketField && access.marketId !== null ? { [model.marketField]: access.marketId } : null;
}

/** `where` and also `own`, whatever `where` says about the market itself. */
function both(where: Plain, own: Plain | null): Plain {
  if (!own) return where;
  const [field] = Object.keys(own) as [string];
  if (isAbsent(where[field]) && where[field] !== null) return { ...where, ...own };
  if (where[field] === own[field]) return where;
  const also = where.AND === undefined ? [] : Array.isArray(where.AND) ? where.AND : [where.AND];
  return { ...where, AND: [...also, own] };
}

/** Staff work across markets, but not in the one that nobody may see. */
const notDecoy = (model: Model, access: Access): Plain | null =>
  model.marketField && access.marketId === null ? { [model.marketField]: { not: DECOY_MARKET } } : null;

/** A filter held to the market, at every relation that it looks through. */
export function scopedWhere(context: Context, model: Model, where: unknown): Plain {
  const { access } = context;
  return both(filter(context, model, where ?? {}), ownMarket(model, access) ?? notDecoy(model, access));
}

/** A filter whose relations are held to the market; the model itself is not. */
function filter(context: Context, model: Model, where: unknown): Plain {
  checkPlain(where, 'A filter');
  const out: Plain = { ...where };
  for (const key in out) {
    const value = out[key];
    const relation = model.relations.get(key);
    if (relation) out[key] = relationFilter(context, relation, value);
    else if (key === 'AND' || key === 'OR' || key === 'NOT') {
      out[key] = isAbsent(value)
        ? value
        : each(value, (part) => (isAbsent(part) ? part : filter(context, model, part)));
    }
  }
  return out;
}

function relationFilter(context: Context, relation: Relation, value: unknown): unknown {
  const target = modelOf(context, relation.model);
  checkRead(target, context.access);
  if (isAbsent(value)) return value;
  const entries = entriesOf(value, 'A relation filter');
  const shorthand = !relation.list && !entries.some(([key]) => key === 'is' || key === 'isNot');
  if (shorthand) return { is: scopedWhere(context, target, value) };
  return Object.fromEntries(
    entries.map(([key, part]) => [
      key,
      isAbsent(part) ? part : quantified(context, relation, target, key, part),
    ]),
  );
}

/** `every` asks about all rows, so for rows of other markets it must hold by itself. */
function quantified(
  context: Context,
  relation: Relation,
  target: Model,
  quantifier: string,
  part: unknown,
): unknown {
  if (!['some', 'none', 'every', 'is', 'isNot'].includes(quantifier))
    throw new ScopeViolation(`Unknown filter: ${quantifier}`);
  const own = ownMarket(target, context.access);
  if (quantifier !== 'every' || relation.tied || !own) return scopedWhere(context, target, part);
  return { OR: [{ NOT: own }, filter(context, target, part)] };
}

export type Foreign = 'refuse' | 'not-found';

/**
 * A unique selector held to the market. `{ id }` alone becomes the compound key with the scope's market. A
 * foreign market in a compound key is refused, or made to match nothing.
 */
export function uniqueWhere(context: Context, model: Model, where: unknown, foreign: Foreign): Plain {
  const own = ownMarket(model, context.access);
  const out = filter(context, model, where);
  if (!own) return out;
  const compound = fillCompound(context, model, out);
  if (!compound) return both(out, own);
  const market = (out[compound] as Plain)[model.marketField!];
  if (market === context.access.marketId) return out;
  if (foreign === 'refuse') throw new ScopeViolation(`Another market's ${model.name}`);
  return both(out, own);
}

/** Puts the market into the compound key in `where` and returns its name, or null when there is none. */
function fillCompound(context: Context, model: Model, where: Plain): string | null {
  for (const [name, fields] of model.compounds) {
    if (!fields.includes(model.marketField!)) continue;
    if (isPlain(where[name])) {
      where[name] = { ...(where[name] as Plain) };
      const key = where[name] as Plain;
      if (key[model.marketField!] === undefined) key[model.marketField!] = context.access.marketId;
      return name;
    }
  }
  for (const [name, fields] of model.compounds) {
    const others = fields.filter((field) => field !== model.marketField);
    if (others.length === fields.length || !others.every((field) => isKeyValue(where[field]))) continue;
    const market = where[model.marketField!] ?? context.access.marketId;
    where[name] = {
      [model.marketField!]: market,
      ...Object.fromEntries(others.map((field) => [field, where[field]])),
    };
    for (const field of others) delete where[field];
    return name;
  }
  return null;
}

/**
 * A unique selector as a plain filter, for findFirst. Prisma joins the findUnique calls of one tick into one
 * statement, which would then run in the first caller's scope. The selector must name a key by plain values:
 * findFirst would take an absent key for "any row" and an operator object for a search.
 */
export function uniqueAsFilter(context: Context, model: Model, where: unknown): Plain {
  const rest = filter(context, model, where);
  const own = ownMarket(model, context.access);
  let keyed = false;
  const held = own ?? notDecoy(model, context.access);
  const conditions: Plain[] = held ? [held] : [];
  for (const [name, fields] of model.compounds) {
    const key = rest[name];
    delete rest[name];
    if (key === undefined) continue;
    const full = isPlain(key) && own ? { ...own, ...key } : key;
    if (!isPlain(full) || !fields.every((field) => isKeyValue(full[field])))
      throw new ScopeViolation('Not a key');
    conditions.push(Object.fromEntries(fields.map((field) => [field, full[field]])));
    keyed = true;
  }
  const merged = Object.assign({}, rest) as Plain;
  keyed ||= namesKey(model, rest, own);
  if (!keyed) throw new ScopeViolation(`No key of ${model.name}`);
  return conditions.reduce((out, condition) => mergeCondition(out, condition), merged);
}

/** Whether plain values name a key: a unique field, or all of a compound key but the market. */
function namesKey(model: Model, where: Plain, own: Plain | null): boolean {
  const given = (field: string) => isKeyValue(where[field]) || (own !== null && field in own);
  for (const field of model.uniqueFields) if (isKeyValue(where[field])) return true;
  return [...model.compounds.values()].some((fields) => fields.every(given));
}

function mergeCondition(where: Plain, condition: Plain): Plain {
  return Object.entries(condition).reduce((out, [field, value]) => both(out, { [field]: value }), where);
}
