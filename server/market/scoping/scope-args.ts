import type { Scope } from '../scope.ts';
import { accessOf, checkRead, checkWrite } from './access.ts';
import { createData, updateData } from './data.ts';
import type { Model, ModelMap } from './model-map.ts';
import { checkPlain, each, type Plain } from './plain.ts';
import { ScopeViolation } from './scope-violation.ts';
import { scopedReadArgs, scopedSelection } from './selection.ts';
import { type Context, modelOf, scopedWhere, uniqueAsFilter, uniqueWhere } from './where.ts';

/** An operation as Prisma shall run it. */
export interface ScopedOperation {
  readonly operation: string;
  readonly args: Plain;
}

/** A foreign key in `where` finds nothing; in data it is refused. */
const handlers: Readonly<Record<string, (context: Context, model: Model, args: Plain) => Plain>> = {
  findFirst: scopedReadArgs,
  findFirstOrThrow: scopedReadArgs,
  findMany: scopedReadArgs,
  count: withoutSelection,
  aggregate: withoutSelection,
  groupBy: withoutSelection,
  findUnique: byKey,
  findUniqueOrThrow: byKey,
  create: (context, model, args) => ({
    ...written(context, model, args),
    data: createData(context, model, args.data),
  }),
  createMany: createRows,
  createManyAndReturn: createRows,
  update: (context, model, args) => ({
    ...written(context, model, args),
    where: uniqueWhere(context, model, args.where, 'not-found'),
    data: updateData(context, model, args.data),
  }),
  updateMany: updateRows,
  updateManyAndReturn: updateRows,
  upsert: (context, model, args) => ({
    ...written(context, model, args),
    where: uniqueWhere(context, model, args.where, 'refuse'),
    create: createData(context, model, args.create),
    update: updateData(context, model, args.update),
  }),
  delete: (context, model, args) => ({
    ...written(context, model, args),
    where: uniqueWhere(context, model, args.where, 'not-found'),
  }),
  deleteMany: (context, model, args) => ({
    ...written(context, model, args),
    where: scopedWhere(context, model, args.where),
  }),
};

/** In a count or an aggregate, `select` and `_count` name columns of the model itself, not relations. */
function withoutSelection(context: Context, model: Model, args: Plain): Plain {
  const { select, ...rest } = args;
  const out = scopedReadArgs(context, model, rest);
  return select === undefined ? out : { ...out, select };
}

function byKey(context: Context, model: Model, args: Plain): Plain {
  return { ...scopedSelection(context, model, args), where: uniqueAsFilter(context, model, args.where) };
}

function written(context: Context, model: Model, args: Plain): Plain {
  checkWrite(model, context.access);
  return scopedSelection(context, model, args);
}

function createRows(context: Context, model: Model, args: Plain): Plain {
  return {
    ...written(context, model, args),
    data: each(args.data, (row) => createData(context, model, row)),
  };
}

function updateRows(context: Context, model: Model, args: Plain): Plain {
  return {
    ...written(context, model, args),
    where: scopedWhere(context, model, args.where),
    data: updateData(context, model, args.data),
  };
}

const renamed: Readonly<Record<string, string>> = {
  findUnique: 'findFirst',
  findUniqueOrThrow: 'findFirstOrThrow',
};

/** The operations that the scoped client has. */
export const operations: readonly string[] = Object.keys(handlers);

/**
 * Rewrites one Prisma operation so that it stays inside its scope: the market goes into every filter and all
 * data, at every level. Pure; the caller's arguments stay as they are. Throws ScopeViolation.
 */
export function scopeArgs(
  models: ModelMap,
  modelName: string,
  operation: string,
  args: unknown,
  scope: Scope,
): ScopedOperation {
  const handler = Object.hasOwn(handlers, operation) ? handlers[operation] : undefined;
  if (!handler) throw new ScopeViolation(`Unknown operation: ${operation}`);
  const context = { models, access: accessOf(scope) };
  const model = modelOf(context, modelName);
  checkRead(model, context.access);
  const given = args ?? {};
  checkPlain(given, 'Arguments');
  return { operation: renamed[operation] ?? operation, args: handler(context, model, given) };
}
