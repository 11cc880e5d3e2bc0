import { Router } from 'express';
import type { Deps } from '../deps.ts';

/** The public keys that anchors and certificates are checked with, for anybody. */
export function auditKeysRoutes({ config }: Pick<Deps, 'config'>): Router {
  const router = Router();
  const keys = config.auditKeys.map(({ keyId, publicKey }) => ({
    ...{ kid: keyId, kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', x: publicKey },
  }));
  router.get('/.well-known/bulkhead-audit.json', (_req, res) => {
    res.set('cache-control', 'public, max-age=300').json({ keys });
  });
  return router;
}
