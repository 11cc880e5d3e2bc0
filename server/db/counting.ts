import type { Model, ModelMap, Relation } from '../market/scoping/model-map.ts';
import { isAbsent, isPlain, type Plain } from '../market/scoping/plain.ts';

/** Told rows of a related model that came along with a result, as they came: one for each place they stand in. */
type TellRead = (model: string, rows: readonly unknown[]) => void;
/** Told how many rows of a related model were written; null when nobody tells. */
type TellWritten = (model: string, rows: number | null) => void;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** Finds the rows of relations in a result by the arguments that asked for them, at every level. */
export function readAlong(
  models: ModelMap,
  model: string,
  args: unknown,
  rows: readonly unknown[],
  tell: TellRead,
): void {
  if (rows.length === 0 || !isPlain(args)) return;
  const { relations } = models.get(model)!;
  for (const selection of [args.select, args.include]) {
    if (!isPlain(selection)) continue;
    for (const field of Object.keys(selection)) {
      const relation = selection[field] ? relations.get(field) : undefined;
      if (!relation) continue;
      const found = rowsAt(rows, field);
      tell(relation.model, found);
      readAlong(models, relation.model, selection[field], found, tell);
    }
  }
}

/** With every operation of every request: a loop, because `flatMap` costs several times as much. */
function rowsAt(rows: readonly unknown[], field: string): unknown[] {
  const found: unknown[] = [];
  for (const row of rows) {
    const value = (row as Plain | null)?.[field];
    if (Array.isArray(value)) for (const each of value) found.push(each);
    else if (!isAbsent(value)) found.push(value);
  }
  return found;
}

/** Counts the rows of relations that an operation wrote by its arguments, after it has succeeded. */
export function writtenAlong(
  models: ModelMap,
  model: string,
  args: { readonly [part: string]: unknown },
  tell: TellWritten,
): void {
  for (const data of listOf(args.data)) nested(models, models.get(model)!, data, tell);
  // Which of the two ran is not told.
  for (const data of [args.create, args.update]) nested(models, models.get(model)!, data, unsure(tell));
}

const unsure =
  (tell: TellWritten): TellWritten =>
  (model, rows) => {
    if (rows !== 0) tell(model, null);
  };

function nested(models: ModelMap, model: Model, data: unknown, tell: TellWritten): void {
  if (!isPlain(data)) return;
  for (const field of Object.keys(data)) {
    const relation = model.relations.get(field);
    const writes = data[field];
    if (!relation || !isPlain(writes)) continue;
    for (const verb of Object.keys(writes)) {
      const value = writes[verb];
      if (!isAbsent(value) && value !== false) ofVerb({ models, relation, tell }, verb, value);
    }
  }
}

interface Nested {
  readonly models: ModelMap;
  readonly relation: Relation;
  readonly tell: TellWritten;
}

function ofVerb({ models, relation, tell }: Nested, verb: string, value: unknown): void {
  const items = listOf(value);
  tell(relation.model, rowsOf(relation, verb, items));
  if (!HOLD_DATA.has(verb)) return;
  const told = verb === 'create' || verb === 'update' ? tell : unsure(tell);
  for (const data of items.flatMap(dataOf)) nested(models, models.get(relation.model)!, data, told);
}

const HOLD_DATA = new Set(['create', 'update', 'upsert', 'connectOrCreate']);
const ONE_EACH = new Set(['create', 'update', 'upsert', 'delete']);

/** Null where Prisma does not say: by a filter, or where a row may have been as it should be. */
function rowsOf({ holdsKey }: Relation, verb: string, items: readonly unknown[]): number | null {
  if (ONE_EACH.has(verb)) return items.length;
  if (verb === 'createMany') return rowsOfMany(items[0]);
  // The side that holds the key is the one that is written: here the operation's own row, which is counted with it.
  if (holdsKey && LINKS.has(verb)) return 0;
  return verb === 'connect' ? items.length : null;
}

const LINKS = new Set(['connect', 'disconnect', 'set']);

/** With `skipDuplicates` some may have been there. */
const rowsOfMany = (value: unknown): number | null =>
  isPlain(value) && !value.skipDuplicates ? listOf(value.data).length : null;

/** Data of rows below: bare, as `data`, or as the two of which one ran. */
const dataOf = (item: unknown): readonly unknown[] =>
  isPlain(item) ? [item, item.data, item.create, item.update] : [];
