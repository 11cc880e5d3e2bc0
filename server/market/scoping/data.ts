import { checkRead, checkWrite } from './access.ts';
import type { Model, Relation } from './model-map.ts';
import { each, entriesOf, isAbsent, isPlain, type Plain } from './plain.ts';
import { ScopeViolation } from './scope-violation.ts';
import { type Context, modelOf, ownMarket, scopedWhere, uniqueWhere } from './where.ts';

/** How a new row gets its market: from its own data, or from the row that it is created under. */
type Parent = 'none' | 'tied';

/** Data of a new row, with the market in it. A foreign market is refused. */
export function createData(context: Context, model: Model, data: unknown, parent: Parent = 'none'): Plain {
  checkWrite(model, context.access);
  const own = ownMarket(model, context.access);
  if (model.name === 'Market' && own) throw new ScopeViolation('A market is not made from inside of one');
  const given = Object.fromEntries(entriesOf(data ?? {}, 'Data'));
  if (own) checkMarket(context, model, given);
  const out = nestedWrites(context, model, given);
  if (!own || parent === 'tied') return out;
  const toMarket = marketRelation(context, model);
  const linked = [...model.relations.values()].filter(
    (relation) => relation.holdsKey && !isAbsent(out[relation.name]),
  );
  if (linked.length === 0) return { ...out, ...own };
  // Prisma takes relations or their key fields, not both. A tied relation brings the market with it.
  if (toMarket) return { ...out, [toMarket.name]: { connect: { id: context.access.marketId } } };
  if (!linked.some((relation) => relation.tied))
    throw new ScopeViolation(`${model.name} would be without a market`);
  return out;
}

/** Data of a changed row. The market never changes: its own is left out, another one is refused. */
export function updateData(context: Context, model: Model, data: unknown): Plain {
  checkWrite(model, context.access);
  const given = Object.fromEntries(entriesOf(data ?? {}, 'Data'));
  if (ownMarket(model, context.access)) checkMarket(context, model, given);
  return nestedWrites(context, model, given);
}

/** Takes the scope's own market out of the data, so that it can be put in where it belongs. */
function checkMarket(context: Context, model: Model, data: Plain): void {
  const field = model.marketField!;
  if (field in data) {
    const value = isPlain(data[field]) && 'set' in data[field] ? data[field].set : data[field];
    if (value !== undefined && value !== context.access.marketId)
      throw new ScopeViolation('Data of another market');
    delete data[field];
  }
  const relation = marketRelation(context, model);
  const link = relation && data[relation.name];
  if (!relation || isAbsent(link)) return;
  const entries = entriesOf(link, 'A link to the market');
  if (entries.some(([key]) => key !== 'connect' && key !== 'update'))
    throw new ScopeViolation('The market is given');
  const connected = (link as Plain).connect;
  if (connected !== undefined && !(isPlain(connected) && connected.id === context.access.marketId)) {
    throw new ScopeViolation('A link to another market');
  }
  const rest = entries.filter(([key]) => key !== 'connect');
  if (rest.length === 0) delete data[relation.name];
  else data[relation.name] = Object.fromEntries(rest);
}

function marketRelation(context: Context, model: Model): Relation | undefined {
  return [...model.relations.values()].find(
    (relation) =>
      relation.holdsKey &&
      relation.model === 'Market' &&
      relation.key.length === 1 &&
      context.models.has('Market'),
  );
}

function nestedWrites(context: Context, model: Model, data: Plain): Plain {
  const out: Plain = {};
  for (const [key, value] of Object.entries(data)) {
    const relation = model.relations.get(key);
    out[key] = relation && !isAbsent(value) ? nested(context, relation, value) : value;
  }
  return out;
}

function nested(context: Context, relation: Relation, writes: unknown): Plain {
  const target = modelOf(context, relation.model);
  checkRead(target, context.access);
  const entries = entriesOf(writes, 'A nested write');
  return Object.fromEntries(
    entries.map(([verb, value]) => [
      verb,
      isAbsent(value) ? value : write(context, relation, target, verb, value),
    ]),
  );
}

function write(context: Context, relation: Relation, target: Model, verb: string, value: unknown): unknown {
  if (verb !== 'connect' && verb !== 'disconnect' && verb !== 'set') checkWrite(target, context.access);
  const parent: Parent = relation.tied ? 'tied' : 'none';
  const create = (data: unknown) => createData(context, target, data, parent);
  const unique = (where: unknown) => uniqueWhere(context, target, where, 'refuse');
  const part = (item: unknown) => Object.fromEntries(entriesOf(item, 'A nested write'));
  switch (verb) {
    case 'create':
      return each(value, create);
    case 'createMany':
      return { ...part(value), data: each(part(value).data, create) };
    case 'connectOrCreate':
      return each(value, (item) => ({
        ...part(item),
        where: unique(part(item).where),
        create: create(part(item).create),
      }));
    case 'connect':
    case 'set':
      return each(value, unique);
    case 'disconnect':
    case 'delete':
      if (typeof value === 'boolean') return value;
      return each(value, relation.list ? unique : (item) => scopedWhere(context, target, item));
    case 'deleteMany':
      return each(value, (item) => scopedWhere(context, target, item));
    case 'updateMany':
      return each(value, (item) => ({
        ...part(item),
        where: scopedWhere(context, target, part(item).where),
        data: updateData(context, target, part(item).data),
      }));
    case 'update':
      return relation.list
        ? each(value, (item) => ({
            ...part(item),
            where: unique(part(item).where),
            data: updateData(context, target, part(item).data),
          }))
        : updateOne(context, target, part(value));
    case 'upsert':
      return each(value, (item) => upsertOne(context, relation, target, part(item), create));
    default:
      throw new ScopeViolation(`Unknown nested write: ${verb}`);
  }
}

/** To-one updates come bare or as `{ where, data }`; both leave as the latter, held to the market. */
function updateOne(context: Context, target: Model, value: Plain): Plain {
  if (target.fields.has('data') || target.fields.has('where'))
    throw new ScopeViolation(`${target.name} can't be told apart`);
  const wrapped = 'data' in value;
  const where = scopedWhere(context, target, wrapped ? value.where : undefined);
  const data = updateData(context, target, wrapped ? value.data : value);
  return Object.keys(where).length > 0 ? { where, data } : { data };
}

function upsertOne(
  context: Context,
  relation: Relation,
  target: Model,
  value: Plain,
  create: (data: unknown) => Plain,
): Plain {
  const out: Plain = {
    ...value,
    create: create(value.create),
    update: updateData(context, target, value.update),
  };
  if (relation.list) out.where = uniqueWhere(context, target, value.where, 'refuse');
  else if (value.where !== undefined) out.where = scopedWhere(context, target, value.where);
  return out;
}
