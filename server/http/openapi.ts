import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import type { DocumentedOperation } from './api.ts';

const problem = z
  .object({
    type: z.string().meta({ description: '`urn:bulkhead:problem:` and the code' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    instance: z.string().meta({ description: 'Receipt of the request: quote it when asking for help' }),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details' });

export type OpenApiDocument = ReturnType<typeof createDocument>;

/** The OpenAPI 3.1 document of one portal, from the very schemas that check its requests. */
export function openApiDocument(
  portal: string,
  publicUrl: string,
  operations: readonly DocumentedOperation[],
): OpenApiDocument {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: `Bulkhead ${portal} API`,
      version: '1',
      description: 'Every request runs in the scope of its token: what is outside of it answers 404.',
    },
    servers: [{ url: `${publicUrl}/api/v1` }],
    security: [{ bearer: [] }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    paths: openApiPaths(operations),
  });
}

/** The operations as the document lists them: by path, then by method. */
export function openApiPaths(operations: readonly DocumentedOperation[]): ZodOpenApiPathsObject {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const each of operations) {
    const path = each.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [each.method]: describe(each, path) };
  }
  return paths as ZodOpenApiPathsObject;
}

function describe(each: DocumentedOperation, path: string): ZodOpenApiOperationObject {
  const status = String(each.status ?? (each.response ? 200 : 204)) as '200';
  const params = each.params as z.ZodObject | undefined;
  const query = each.query as z.ZodObject | undefined;
  const roles = each.roles ? `Roles: ${each.roles.join(', ')}.` : '';
  return {
    operationId: `${each.method}${path.replace(/[^a-zA-Z0-9]+(\w?)/g, (_, next: string) => next.toUpperCase())}`,
    summary: each.summary,
    description: [each.description, roles].filter(Boolean).join(' '),
    tags: [each.tag],
    ...(each.auth === 'none' ? { security: [] } : {}),
    ...(each.auth === 'shopper' ? { security: [{ key: [], shopper: [] }] } : {}),
    requestParams: { ...(params ? { path: params } : {}), ...(query ? { query } : {}) },
    ...(each.body
      ? { requestBody: { required: true, content: { 'application/json': { schema: each.body } } } }
      : {}),
    responses: {
      [status]: each.response
        ? { description: 'Done', content: { 'application/json': { schema: each.response } } }
        : { description: 'Done, nothing to say' },
      default: { description: 'Refused', content: { 'application/problem+json': { schema: problem } } },
    },
  };
}
