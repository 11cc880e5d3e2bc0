import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createApp } from '../../server/app.ts';
import { auditSigner } from '../../server/audit/signing.ts';
import type { Limit } from '../../server/auth/open-limits.ts';
import { hashPassword } from '../../server/auth/passwords.ts';
import { LIMITS, type Limits } from '../../server/auth/throttle.ts';
import { type PortalName, portalConfig, type TokenKey } from '../../server/config.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { createDeps, type Deps } from '../../server/deps.ts';
import type { MarketRole, StaffRole } from '../../server/market/scope.ts';
import { admin } from '../../server/portals/admin.ts';
import { partner } from '../../server/portals/partner.ts';
import type { Portal } from '../../server/portals/portal.ts';
import { Browser } from './browser.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { insertTwoMarkets } from './two-markets.ts';

export { Browser } from './browser.ts';

/** Everybody's password in the fixture. */
export const PASSWORD = 'correct horse battery';

export interface Login {
  readonly portal: PortalName;
  readonly email: string;
  readonly password: string;
}

/** Logins of the two-markets fixture. `partnerLogin('amber', 'owner')` */
export function partnerLogin(side: 'amber' | 'basil', role: MarketRole = 'manager'): Login {
  const variant = role === 'owner' ? 'main' : role;
  return { portal: 'partner', email: `marker-${side}.${variant}@example.test`, password: PASSWORD };
}

export function staffLogin(role: StaffRole = 'operator'): Login {
  return {
    portal: 'admin',
    email: `marker-shared.${role === 'operator' ? 'main' : 'support'}@example.test`,
    password: PASSWORD,
  };
}

export interface TestPortal {
  readonly deps: Deps;
  readonly server: Server;
  readonly url: string;
  /** A browser that nobody has signed in with. */
  browser(): Browser;
}

export interface TestPortals {
  readonly admin: TestPortal;
  readonly partner: TestPortal;
  readonly database: TestDatabase;
  readonly mailboxDir: string;
  /** Rows as the superuser sees and writes them. */
  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  /** A browser signed in through the real form. */
  signIn(login: Login): Promise<Browser>;
  /** An access token from `POST /api/v1/tokens`. */
  token(login: Login): Promise<string>;
  close(): Promise<void>;
}

export interface PortalsOptions {
  /** Far above the real ones unless given: a crawler is not what most tests are about. */
  readonly limits?: Partial<Limits>;
  /** The same for what one key may ask of the public surface. */
  readonly openRequests?: Limit;
  readonly clock?: () => Date;
  readonly env?: Record<string, string>;
  /** Replaces a portal's routers, to add a route that only a test may have. */
  readonly portals?: Partial<Record<PortalName, Portal>>;
}

const ROOMY: Limits = {
  ...LIMITS,
  writesPerMinute: 1_000_000,
  failuresPerAddress: 100_000,
  mailsPerHour: 100_000,
};

/** Both portals, made by the real createApp on a fresh database with two markets, each listening on a port of its own. */
export async function startPortals(options: PortalsOptions = {}): Promise<TestPortals> {
  const database = await testDatabase();
  await withClient(database.superuserUrl, insertTwoMarkets);
  await givePasswords(database);
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-http-'));
  const mailboxDir = join(folder, 'mailbox');
  const folders = { UPLOADS_DIR: join(folder, 'uploads'), AUDIT_ANCHOR_DIR: join(folder, 'anchors') };
  // What a request changed is compared before and after: tests that look at receipts switch them on.
  const env = { RECEIPTS: 'off', ...options.env, ...folders, MAILBOX_DIR: mailboxDir };
  const boot = (portal: Portal) =>
    startPortal(options.portals?.[portal.name] ?? portal, database, env, options);
  const [adminPortal, partnerPortal] = await Promise.all([boot(admin), boot(partner)]);
  const portals = { admin: adminPortal, partner: partnerPortal };
  return {
    ...portals,
    database,
    mailboxDir,
    sql: (text, values) =>
      withClient(database.superuserUrl, async (client) => (await client.query(text, values)).rows),
    signIn: async (login) => signIn(portals[login.portal].browser(), login),
    token: async ({ portal, email, password }) => {
      const answer = await portals[portal].browser().api('post', '/tokens', { body: { email, password } });
      if (answer.status !== 201) throw new Error(`No token: ${answer.status} ${answer.text}`);
      return answer.body.accessToken;
    },
    close: async () => {
      await Promise.all(Object.values(portals).map(stopPortal));
      rmSync(folder, { recursive: true, force: true });
      await database.drop();
    },
  };
}

/** A second partner process over the same database: it shares no memory with the first. */
export async function startBeside({ database, partner: first }: TestPortals) {
  const { uploadsDir } = first.deps;
  const second = await startPortal(partner, database, { UPLOADS_DIR: uploadsDir }, {});
  return { ...second, close: () => stopPortal(second) };
}

/** Signs in through the form; throws unless that leads on into the portal. */
export async function signIn(
  browser: Browser,
  { email, password }: Pick<Login, 'email' | 'password'>,
): Promise<Browser> {
  await browser.get('/sign-in');
  const answer = await browser.submit('/sign-in', { email, password });
  if (answer.status !== 303) throw new Error(`Not signed in: ${answer.status}`);
  return browser;
}

const AUDIT_SECRET = randomBytes(32);

/** Who signs anchors and certificates of every test database. */
export const AUDIT_SIGNER = auditSigner(AUDIT_SECRET);

/** Never the checkout's own: verification would find there what it has no key for. */
const anchors = mkdtempSync(join(tmpdir(), 'bulkhead-anchors-'));
process.once('exit', () => rmSync(anchors, { recursive: true, force: true }));

/** Settings of one portal of a test database, as its process would get them. */
export function portalEnv(portal: PortalName, database: TestDatabase): Record<string, string> {
  return {
    PORT: '0',
    PUBLIC_URL: `http://localhost:${portal === 'admin' ? 3000 : 3001}`,
    DATABASE_URL: database.url(`bulkhead_${portal}`),
    GATE_DATABASE_URL: database.url(`bulkhead_${portal}_gate`),
    TOKEN_KEYS: ring(database.tokenKeys[portal]),
    CONTEXT_KEYS: ring(database.contextKeys[portal]),
    AUDIT_PUBLIC_KEY: AUDIT_SIGNER.publicKey,
    ...(portal === 'admin'
      ? {
          AUDIT_SIGNING_KEY: AUDIT_SECRET.toString('base64url'),
          AUDIT_ANCHOR_DIR: join(anchors, database.name),
        }
      : {}),
    ...(portal === 'partner'
      ? {
          PUBLIC_DATABASE_URL: database.url('bulkhead_public'),
          PUBLIC_TOKEN_KEYS: ring(database.tokenKeys.public),
          PUBLIC_CONTEXT_KEYS: ring(database.contextKeys.public),
          DEVICE_DATABASE_URL: database.url('bulkhead_device'),
          DEVICE_TOKEN_KEYS: ring(database.tokenKeys.device),
          DEVICE_CONTEXT_KEYS: ring(database.contextKeys.device),
        }
      : {}),
  };
}

const ring = (keys: readonly TokenKey[]) =>
  keys.map(({ kid, key }) => `${kid}:${key.toString('base64url')}`).join(',');

async function startPortal(
  portal: Portal,
  database: TestDatabase,
  env: object,
  options: PortalsOptions,
): Promise<TestPortal> {
  const config = portalConfig(portal.name, { ...portalEnv(portal.name, database), ...env });
  const logger = pino({ level: process.env.TEST_LOG ?? 'silent' });
  const limits = { ...ROOMY, ...options.limits };
  const deps = createDeps(portal, config, {
    logger,
    limits,
    openRequests: options.openRequests ?? { name: 'requests', points: 1_000_000, seconds: 60 },
    ...(options.clock ? { clock: options.clock } : {}),
  });
  const server = createServer(createApp(portal, deps));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { deps, server, url, browser: () => new Browser(url) };
}

async function stopPortal({ server, deps }: TestPortal): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await deps.close();
}

let passwordHash: Promise<string> | undefined;

/** Everybody in the fixture gets `PASSWORD`. */
export async function givePasswords(database: TestDatabase): Promise<void> {
  passwordHash ??= hashPassword(PASSWORD);
  const hash = await passwordHash;
  await withClient(database.superuserUrl, async (client) => {
    await client.query('update partner_user set password_hash = $1', [hash]);
    await client.query(
      `insert into staff_credential (staff_user_id, password_hash) select id, $1 from staff_user where state = 'active'
       on conflict (staff_user_id) do update set password_hash = excluded.password_hash`,
      [hash],
    );
  });
}
