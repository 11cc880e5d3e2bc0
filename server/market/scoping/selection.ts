import { checkRead } from './access.ts';
import type { Model, Relation } from './model-map.ts';
import { checkPlain, each, entriesOf, isAbsent, isPlain, type Plain } from './plain.ts';
import { ScopeViolation } from './scope-violation.ts';
import { type Context, modelOf, ownMarket, scopedWhere, uniqueWhere } from './where.ts';

/** `select` and `include` of an operation, held to the market at every level. */
export function scopedSelection(context: Context, model: Model, args: Plain): Plain {
  const out = { ...args };
  for (const key of ['select', 'include'] as const) {
    if (isAbsent(out[key])) continue;
    const entries = entriesOf(out[key], 'A selection');
    out[key] = Object.fromEntries(
      entries.map(([field, value]) => [field, selected(context, model, field, value)]),
    );
  }
  return out;
}

function selected(context: Context, model: Model, field: string, value: unknown): unknown {
  if (isAbsent(value) || value === false) return value;
  if (field === '_count') return counted(context, model, value);
  const relation = model.relations.get(field);
  if (!relation) return value;
  const target = modelOf(context, relation.model);
  checkRead(target, context.access);
  if (relation.list) return scopedReadArgs(context, target, value === true ? {} : value);
  // A to-one relation takes no filter: only a foreign key that carries the market keeps it inside.
  if (ownMarket(target, context.access) && !relation.tied)
    throw new ScopeViolation(`${model.name}.${field} can leave the market`);
  return value === true ? true : scopedSelection(context, target, value as Plain);
}

function counted(context: Context, model: Model, value: unknown): unknown {
  const lists = [...model.relations.values()].filter((relation) => relation.list);
  const select = isPlain(value)
    ? value.select
    : Object.fromEntries(lists.map((relation) => [relation.name, true]));
  if (isAbsent(select)) return value;
  const count = ([field, part]: [string, unknown]) => [
    field,
    countOf(context, model.relations.get(field), part),
  ];
  return {
    ...(isPlain(value) ? value : {}),
    select: Object.fromEntries(entriesOf(select, 'A count').map(count)),
  };
}

function countOf(context: Context, relation: Relation | undefined, part: unknown): unknown {
  if (!relation || isAbsent(part) || part === false) return part;
  const target = modelOf(context, relation.model);
  checkRead(target, context.access);
  const where = isPlain(part) ? part.where : undefined;
  return { where: scopedWhere(context, target, where) };
}

/** `where`, `orderBy`, `cursor` and the selection of a read, at the top or inside a relation. */
export function scopedReadArgs(context: Context, model: Model, args: unknown): Plain {
  checkPlain(args, 'Arguments');
  const out = scopedSelection(context, model, args as Plain);
  out.where = scopedWhere(context, model, out.where);
  if (!isAbsent(out.cursor)) out.cursor = uniqueWhere(context, model, out.cursor, 'refuse');
  if (!isAbsent(out.orderBy)) each(out.orderBy, (order) => checkOrder(context, model, order));
  return out;
}

/** An order by the number of related rows can't be filtered, and would tell about other markets' rows. */
function checkOrder(context: Context, model: Model, order: unknown): void {
  if (!isPlain(order)) return;
  for (const [field, value] of entriesOf(order, 'An order')) {
    const relation = model.relations.get(field);
    if (!relation) continue;
    const target = modelOf(context, relation.model);
    checkRead(target, context.access);
    if (relation.list && ownMarket(target, context.access) && !relation.tied) {
      throw new ScopeViolation(`An order by ${model.name}.${field} would count other markets' rows`);
    }
    checkOrder(context, target, value);
  }
}
