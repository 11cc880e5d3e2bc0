import { type Reach, unscopedModels } from './unscoped-models.ts';

export interface Relation {
  readonly name: string;
  readonly model: string;
  readonly list: boolean;
  /** Whether this side holds the foreign key. */
  readonly holdsKey: boolean;
  /** The foreign key's fields, on whichever side holds them. */
  readonly key: readonly string[];
  /** Whether the foreign key carries the market, so that both rows always belong to the same one. */
  readonly tied: boolean;
}

export interface Model {
  readonly name: string;
  /** The field that names the market: `marketId`, or `id` of the market itself; null for unscoped models. */
  readonly marketField: 'marketId' | 'id' | null;
  /** Null for market models. */
  readonly reach: Reach | null;
  readonly fields: ReadonlySet<string>;
  readonly relations: ReadonlyMap<string, Relation>;
  /** Fields that are unique alone. */
  readonly uniqueFields: ReadonlySet<string>;
  /** Compound keys by the name they have in a `where` (`marketId_id`). */
  readonly compounds: ReadonlyMap<string, readonly string[]>;
}

export type ModelMap = ReadonlyMap<string, Model>;

interface RawRelation {
  name: string;
  model: string;
  list: boolean;
  /** `@relation("name")`, where one is given. */
  label: string;
  key: readonly string[];
  references: readonly string[];
}

interface RawModel {
  name: string;
  fields: Set<string>;
  relations: RawRelation[];
  uniqueFields: Set<string>;
  compounds: Map<string, readonly string[]>;
}

const words = (list: string | undefined): string[] => list?.match(/\w+/g) ?? [];

function readBlockAttribute(model: RawModel, line: string): void {
  const match = /^@@(?:id|unique)\(\s*(?:fields:\s*)?\[([^\]]+)\](.*)$/.exec(line);
  if (!match) return;
  // `sort: Desc` and the like may stand behind a field.
  const fields = words(match[1]!.replace(/\([^)]*\)/g, ''));
  const name = /\bname:\s*"(\w+)"/.exec(match[2]!)?.[1] ?? fields.join('_');
  if (fields.length === 1) model.uniqueFields.add(fields[0]!);
  else model.compounds.set(name, fields);
}

function readField(model: RawModel, line: string, models: ReadonlySet<string>): void {
  const match = /^(\w+)\s+(\w+)(\[\])?\??\s*(.*)$/.exec(line);
  if (!match) throw new Error(`Unreadable line in the data model of ${model.name}: ${line}`);
  const [, name, type, list, attributes] = match as unknown as [
    string,
    string,
    string,
    string | undefined,
    string,
  ];
  model.fields.add(name);
  if (/(^|\s)@(id|unique)\b/.test(attributes)) model.uniqueFields.add(name);
  if (!models.has(type)) return;
  const relation = /@relation\(([^)]*)\)/.exec(attributes)?.[1] ?? '';
  model.relations.push({
    name,
    model: type,
    list: list !== undefined,
    label: /"(\w+)"/.exec(relation)?.[1] ?? '',
    key: words(/fields:\s*\[([^\]]*)\]/.exec(relation)?.[1]),
    references: words(/references:\s*\[([^\]]*)\]/.exec(relation)?.[1]),
  });
}

/** Reads the models of a Prisma schema: the runtime's own data model leaves out keys and lists. */
function readSchema(schema: string): Map<string, RawModel> {
  const blocks = [...schema.matchAll(/^model\s+(\w+)\s*\{\n([\s\S]*?)^\}/gm)];
  const names = new Set(blocks.map(([, name]) => name!));
  const models = new Map<string, RawModel>();
  for (const [, name, body] of blocks) {
    // The client has no such models, so nothing can reach them through it.
    if (/^\s*@@ignore\b/m.test(body!)) continue;
    const model = {
      name: name!,
      fields: new Set<string>(),
      relations: [],
      uniqueFields: new Set<string>(),
      compounds: new Map(),
    };
    for (const raw of body!.split('\n')) {
      const line = raw.replace(/(^|\s)\/\/.*$/, '').trim();
      if (line.startsWith('@@')) readBlockAttribute(model, line);
      else if (line) readField(model, line, names);
    }
    models.set(model.name, model);
  }
  return models;
}

function marketFieldOf(model: RawModel): Model['marketField'] {
  if (model.fields.has('marketId')) return 'marketId';
  return model.name === 'Market' ? 'id' : null;
}

function otherSide(models: Map<string, RawModel>, owner: RawModel, relation: RawRelation): RawRelation {
  const found = models
    .get(relation.model)!
    .relations.filter(
      (other) => other.model === owner.name && other.label === relation.label && other !== relation,
    );
  if (found.length !== 1) throw new Error(`No other side for the relation ${owner.name}.${relation.name}`);
  return found[0]!;
}

function finishRelation(models: Map<string, RawModel>, owner: RawModel, relation: RawRelation): Relation {
  const other = otherSide(models, owner, relation);
  const holdsKey = relation.key.length > 0;
  const { key, references } = holdsKey ? relation : other;
  const holder = holdsKey ? owner : models.get(relation.model)!;
  const target = holdsKey ? models.get(relation.model)! : owner;
  const position = key.indexOf(marketFieldOf(holder) ?? '');
  const tied = position >= 0 && references[position] === marketFieldOf(target);
  return { name: relation.name, model: relation.model, list: relation.list, holdsKey, key, tied };
}

function finish(models: Map<string, RawModel>, model: RawModel): Model {
  const marketField = marketFieldOf(model);
  const unscoped = unscopedModels[model.name];
  if (!marketField && !unscoped) {
    throw new Error(`The model ${model.name} has no marketId and is not listed in unscoped-models.ts`);
  }
  if (marketField && unscoped)
    throw new Error(`The market model ${model.name} is listed in unscoped-models.ts`);
  const relations = model.relations.map(
    (relation) => [relation.name, finishRelation(models, model, relation)] as const,
  );
  return {
    name: model.name,
    marketField,
    reach: unscoped?.reach ?? null,
    fields: model.fields,
    relations: new Map(relations),
    uniqueFields: model.uniqueFields,
    compounds: model.compounds,
  };
}

/** Every model's market, keys and relations, from the schema text that the client was generated from. */
export function readModelMap(schema: string): ModelMap {
  const models = readSchema(schema);
  return new Map([...models.values()].map((model) => [model.name, finish(models, model)]));
}
