import { Router } from 'express';
import type { OpenApiDocument } from './openapi.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | string[];
  readonly format?: string;
  readonly enum?: unknown[];
  readonly items?: Schema;
  readonly anyOf?: Schema[];
  readonly properties?: Record<string, Schema>;
  readonly required?: string[];
  readonly description?: string;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
  readonly description?: string;
}

interface Described {
  readonly summary: string;
  readonly description?: string;
  readonly tags: string[];
  readonly parameters?: Parameter[];
  readonly requestBody?: { content: Record<string, { schema: Schema }> };
  readonly responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

/** `/docs`: the OpenAPI document for people, drawn with our own views. */
export function docsRoutes(document: OpenApiDocument): Router {
  const router = Router();
  const tags = byTag(document);
  router.get('/docs', (req, res) => res.page('docs/index', { title: req.t('docs:title'), tags }));
  return router;
}

interface Row {
  readonly name: string;
  readonly in: string;
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
}

/** Operations in the order of their declaration, under their tags. */
function byTag(document: OpenApiDocument) {
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>;
  const tags = new Map<string, object[]>();
  for (const [path, methods] of Object.entries(document.paths ?? {})) {
    for (const [method, described] of Object.entries(methods as unknown as Record<string, Described>)) {
      const tag = described.tags[0] ?? '';
      const answer = Object.values(described.responses)[0]?.content;
      const operation = {
        ...{
          method: method.toUpperCase(),
          path,
          summary: described.summary,
          description: described.description ?? '',
        },
        parameters: (described.parameters ?? []).map(parameterRow),
        body: schemaRows(Object.values(described.requestBody?.content ?? {})[0]?.schema, schemas),
        answer: schemaRows(Object.values(answer ?? {})[0]?.schema, schemas),
      };
      tags.set(tag, [...(tags.get(tag) ?? []), operation]);
    }
  }
  return [...tags].map(([name, operations]) => ({ name, operations }));
}

const parameterRow = (each: Parameter): Row => ({
  ...{ name: each.name, in: each.in, type: typeOf(each.schema), required: Boolean(each.required) },
  description: each.description ?? each.schema.description ?? '',
});

function schemaRows(
  given: Schema | undefined,
  schemas: Record<string, Schema>,
  depth = 0,
  prefix = '',
): Row[] {
  const schema = resolve(given, schemas);
  if (schema?.type === 'array') return schemaRows(schema.items, schemas, depth, `${prefix}[]`);
  return Object.entries(schema?.properties ?? {}).flatMap(([key, property]) => {
    const name = prefix ? `${prefix}.${key}` : key;
    const found = resolve(property, schemas)!;
    const row = {
      name,
      in: '',
      type: typeOf(property),
      required: Boolean(schema?.required?.includes(key)),
      description: found.description ?? '',
    };
    return depth < 3 ? [row, ...schemaRows(found, schemas, depth + 1, name)] : [row];
  });
}

function resolve(schema: Schema | undefined, schemas: Record<string, Schema>): Schema | undefined {
  return schema?.$ref ? schemas[schema.$ref.split('/').at(-1)!] : schema;
}

function typeOf(schema: Schema): string {
  if (schema.$ref) return schema.$ref.split('/').at(-1)!;
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' | ');
  if (schema.type === 'array' && schema.items) return `${typeOf(schema.items)}[]`;
  return [[schema.type ?? 'any'].flat().join(' | '), schema.format].filter(Boolean).join(', ');
}
