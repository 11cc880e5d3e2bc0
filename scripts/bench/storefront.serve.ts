import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { pino } from 'pino';
import type { StorefrontDatabase } from './storefront.database.ts';

export interface ServeTask {
  readonly kind: 'public' | 'postgraphile';
  readonly database: StorefrontDatabase;
}

/** Our own: everything on, as in production. */
async function publicApi({ env }: StorefrontDatabase): Promise<Server> {
  const { createApp } = await import('../../server/app.ts');
  const { portalConfig } = await import('../../server/config.ts');
  const { createDeps } = await import('../../server/deps.ts');
  const { partner } = await import('../../server/portals/partner.ts');
  const dirs = { MAILBOX_DIR: tmpdir(), UPLOADS_DIR: tmpdir() };
  const config = portalConfig('partner', {
    ...env,
    ...dirs,
    NODE_ENV: 'production',
    PUBLIC_URL: 'http://localhost:3001',
  });
  const openRequests = { name: 'requests', points: 1_000_000, seconds: 60 };
  const deps = createDeps(partner, config, { logger: pino({ level: 'silent' }), openRequests });
  return createServer(createApp(partner, deps));
}

/** PostGraphile as its manual sets it up; the market comes in a header that nobody checks, which spares it the key. */
async function postgraphileApi({ graphileUrl }: StorefrontDatabase): Promise<Server> {
  const [{ postgraphile }, { PostGraphileAmberPreset }, { makePgService }, { grafserv }] = await Promise.all([
    import('postgraphile'),
    import('postgraphile/presets/amber'),
    import('postgraphile/adaptors/pg'),
    import('postgraphile/grafserv/node'),
  ]);
  const instance = postgraphile({
    extends: [PostGraphileAmberPreset],
    // It would not sort by a column without an index of its own. Plain lists are lighter than connections.
    disablePlugins: ['PgIndexBehaviorsPlugin'],
    schema: { defaultBehavior: 'list connection' },
    pgServices: [
      makePgService({ connectionString: graphileUrl, schemas: ['public'], poolConfig: { max: 10 } }),
    ],
    grafast: {
      explain: false,
      context: ({ node }) => ({ pgSettings: { 'app.tenant': String(node?.req.headers['x-tenant'] ?? '') } }),
    },
    grafserv: { graphiql: false, watch: false },
  });
  const server = createServer();
  await instance.createServ(grafserv).addTo(server);
  return server;
}

process.once('message', async ({ kind, database }: ServeTask) => {
  const server = await (kind === 'public' ? publicApi(database) : postgraphileApi(database));
  server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }));
  process.once('disconnect', () => process.exit(0));
  process.on('message', () => process.send!(process.cpuUsage()));
});
