import { type Ids, tablesFor } from './ids.ts';
import { textFor } from './values.ts';

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

export interface DocumentedOperation {
  readonly security?: readonly unknown[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

/** One operation of the document, under the address that the router knows it by. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly queryNames: readonly string[];
  /** Parameters of the query that must be there. */
  readonly required: readonly { readonly name: string; readonly schema: Schema }[];
  readonly body: Schema | undefined;
}

export function operationsOf(document: Document, base = '/api/v1'): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: `${base}${path.replace(/\{(\w+)\}/g, ':$1')}`,
      queryNames: (operation.parameters ?? []).filter((each) => each.in === 'query').map(({ name }) => name),
      required: (operation.parameters ?? []).filter((each) => each.in === 'query' && each.required === true),
      body: operation.requestBody?.content['application/json']?.schema,
    })),
  );
}

/** Follows references, and takes the first of several shapes that is more than null. */
export function resolve(schema: Schema, document: Document): Schema {
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return resolve(document.components?.schemas?.[name] ?? {}, document);
  }
  const several = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (!several) return schema;
  const chosen = resolve(several.find((each) => each.type !== 'null') ?? {}, document);
  return schema.format ? { ...chosen, format: schema.format } : chosen;
}

/** A valid value. `known` is what the same thing holds now: it wins, so that versions and references fit. */
export function sample(given: Schema, document: Document, ids: Ids, name = '', known?: unknown): unknown {
  const schema = resolve(given, document);
  const type = [schema.type].flat().find((each) => each !== 'null');
  if (type === 'object' || schema.properties) return sampleObject(schema, document, ids, known);
  if (known !== undefined && known !== null && type !== 'array') return known;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.format === 'uuid') return idFor(name, ids);
  if (type === 'array') return schema.items ? [sample(schema.items, document, ids, name)] : [];
  if (schema.default !== undefined && schema.default !== '') return schema.default;
  if (type === 'integer' || type === 'number')
    return Math.max(schema.minimum ?? 1, /^old/i.test(name) ? 2000 : 1);
  if (type === 'boolean') return false;
  if (schema.format === 'date-time') return `${textFor(name)}:00Z`;
  return textFor(name);
}

function sampleObject(schema: Schema, document: Document, ids: Ids, known: unknown): Record<string, unknown> {
  const from = typeof known === 'object' && known !== null ? (known as Record<string, unknown>) : {};
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, inner]) => [
      name,
      sample(inner, document, ids, name, from[name] ?? from[similar(name, from)]),
    ]),
  );
}

/** `digest` is what the answer calls `contentDigest`. */
function similar(name: string, from: Record<string, unknown>): string {
  return Object.keys(from).find((key) => key.toLowerCase().endsWith(name.toLowerCase())) ?? name;
}

function idFor(name: string, ids: Ids): string {
  const [table = ''] = tablesFor(name, ids.tables);
  return ids.amber.get(table)?.[0] ?? ids.shared.get(table)?.[0] ?? '01900000-0000-7000-8000-000000000000';
}
