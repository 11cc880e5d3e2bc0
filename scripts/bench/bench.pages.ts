import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import express from 'express';
import { pino } from 'pino';
import { createApp } from '../../server/app.ts';
import { LIMITS } from '../../server/auth/throttle.ts';
import { portalConfig } from '../../server/config.ts';
import { createDeps } from '../../server/deps.ts';
import { partner } from '../../server/portals/partner.ts';
import type { BenchDatabase } from './bench.database.ts';
import { raw } from './bench.variants.ts';

/** What the measuring process asks of a serving one. */
export interface PagesTask {
  readonly kind: 'portal' | 'bare';
  readonly database: BenchDatabase;
}

/** Where it listens, and the cookie that carries an access token. */
export interface Listening {
  readonly port: number;
  readonly cookie: string;
}

function portal(database: BenchDatabase) {
  const key = `bench:${Buffer.from(database.key, 'base64').toString('base64url')}`;
  const config = portalConfig('partner', {
    NODE_ENV: 'production',
    PUBLIC_URL: 'http://localhost:3001',
    DATABASE_URL: database.partnerUrl,
    GATE_DATABASE_URL: database.gateUrl,
    TOKEN_KEYS: key,
    CONTEXT_KEYS: key,
    PUBLIC_DATABASE_URL: database.publicUrl,
    PUBLIC_TOKEN_KEYS: key,
    PUBLIC_CONTEXT_KEYS: key,
    MAILBOX_DIR: tmpdir(),
    UPLOADS_DIR: tmpdir(),
  });
  const limits = { ...LIMITS, failuresPerAddress: 1_000, writesPerMinute: 1_000_000 };
  const deps = createDeps(partner, config, { logger: pino({ level: 'silent' }), limits });
  return { app: createApp(partner, deps), cookie: deps.cookies.access };
}

/** Express with nothing in front of the same rows, read by raw `pg`. */
async function bare(database: BenchDatabase) {
  const variant = await raw(database);
  const app = express().disable('x-powered-by').disable('etag');
  app.get('/offers', async (_req, res) => {
    res.json(await variant.rows(Math.floor(Math.random() * database.markets)));
  });
  return { app, cookie: '' };
}

process.once('message', async ({ kind, database }: PagesTask) => {
  const { app, cookie } = kind === 'portal' ? portal(database) : await bare(database);
  const server = createServer(app).listen(0, '127.0.0.1', () => {
    process.send!({ port: (server.address() as AddressInfo).port, cookie } satisfies Listening);
  });
  process.once('disconnect', () => process.exit(0));
  process.on('message', () => process.send!(process.cpuUsage()));
});
