import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { pino } from 'pino';
import { createApp } from '../../server/app.ts';
import { LIMITS } from '../../server/auth/throttle.ts';
import { portalConfig } from '../../server/config.ts';
import { createDeps } from '../../server/deps.ts';
import { partner } from '../../server/portals/partner.ts';

/** The partner process with everything on, as in production, but for its limits: one client plays a whole town. */
process.once('message', (env: Record<string, string>) => {
  const dirs = { MAILBOX_DIR: tmpdir(), UPLOADS_DIR: tmpdir() };
  const config = portalConfig('partner', {
    ...env,
    ...dirs,
    NODE_ENV: 'production',
    PUBLIC_URL: 'http://localhost:3001',
  });
  const openRequests = { name: 'requests', points: 100_000_000, seconds: 60 };
  const limits = { ...LIMITS, writesPerMinute: 100_000_000 };
  const deps = createDeps(partner, config, { logger: pino({ level: 'silent' }), openRequests, limits });
  const server = createServer(createApp(partner, deps));
  server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }));
  process.once('disconnect', () => process.exit(0));
  process.on('message', async () => {
    await deps.receipts?.flush();
    process.send!(process.cpuUsage());
  });
});
