import { createDocument } from 'zod-openapi';
import type { DocumentedOperation } from '../http/api.ts';
import { type OpenApiDocument, openApiPaths } from '../http/openapi.ts';

const DESCRIPTION = `
Every request carries a market's publishable key in the header \`Bulkhead-Key\` (or as \`?key=\`, for images). The key is
no secret: what it may do is decided in the database. \`?locale=en|ar\` or Accept-Language chooses the language of
errors. GETs carry strong ETags. A key's list of origins is a courtesy to its market: it keeps pages of other sites from
using the key in browsers, and protects nothing.`.trim();

/** OpenAPI 3.1 of the public surface, from the schemas that check its requests. */
export function publicDocument(
  publicUrl: string,
  operations: readonly DocumentedOperation[],
): OpenApiDocument {
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'Bulkhead public API', version: '1', description: DESCRIPTION },
    servers: [{ url: `${publicUrl}/public/v1` }],
    security: [{ key: [] }],
    components: {
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'Bulkhead-Key', description: 'pk_live_…' },
        shopper: { type: 'http', scheme: 'bearer', description: 'A shopper, besides the key' },
      },
    },
    paths: openApiPaths(operations),
  });
}
