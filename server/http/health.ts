import { type RequestHandler, Router } from 'express';

/** `/healthz`: the process answers. `/readyz`: it can also reach its database, and is not shutting down. */
export function health(isReady: () => Promise<boolean>): RequestHandler {
  const router = Router();
  router.get('/healthz', (_req, res) => void res.json({ status: 'ok' }));
  router.get('/readyz', async (_req, res) => {
    const ready = await isReady().catch(() => false);
    res.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'unavailable' });
  });
  return router;
}
