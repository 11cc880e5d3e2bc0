import { createDocument } from 'zod-openapi';
import type { DocumentedOperation } from '../http/api.ts';
import { type OpenApiDocument, openApiPaths } from '../http/openapi.ts';

const DESCRIPTION = `
For tills. Every request but the first three carries \`Authorization: DPoP <token>\` and, in the header \`DPoP\`, a proof
by the device's own key (RFC 9449, ES256) about this very request: \`htm\`, \`htu\`, \`ath\`, \`jti\`, \`iat\`, the
\`nonce\` that the server last sent in \`DPoP-Nonce\`, and \`bh\`, the SHA-256 of the body in base64url. A 401
\`use_dpop_nonce\` asks for the same request with the nonce of its answer; \`token-expired\` for a new token. Proofs of
pairings and tokens have no \`ath\`; that of a token has the challenge as its nonce. A 403 \`device-revoked\` is final.
The device's clock is read and never believed.`.trim();

/** OpenAPI 3.1 of the device surface, from the schemas that check its requests. */
export function deviceDocument(
  publicUrl: string,
  operations: readonly DocumentedOperation[],
): OpenApiDocument {
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'Bulkhead sync API', version: '1', description: DESCRIPTION },
    servers: [{ url: `${publicUrl}/sync/v1` }],
    security: [{ token: [], proof: [] }],
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'DPoP', description: 'A sync token, bound to the device’s key' },
        proof: { type: 'apiKey', in: 'header', name: 'DPoP', description: 'A proof about this request' },
      },
    },
    paths: openApiPaths(operations),
  });
}
