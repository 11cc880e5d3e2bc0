import { join } from 'node:path';
import { z } from 'zod';
import { auditConfig, auditSettings, auditSigningSettings } from './audit/audit.settings.ts';
import type { AuditPublicKey, AuditSigner } from './audit/signing.ts';
import { BootError } from './boot-error.ts';
import { foreignSecrets } from './foreign-secrets.ts';
import { type PortalName, readKeyRing, refuseForeignKeys, type TokenKey } from './key-ring.ts';
import type { ContextKey } from './market/context.ts';
import { whatsAppConfig, whatsAppSettings } from './messages/whatsapp.settings.ts';
import { state } from './paths.ts';

export type { KeySurface, PortalName, TokenKey } from './key-ring.ts';

const onOff = z.enum(['on', 'off']).transform((value) => value === 'on');
const databaseUrl = z
  .string({ error: 'is missing' })
  .regex(
    /^postgres(ql)?:\/\/[^@\s]+@[^/\s]+\/[^/\s]+$/,
    'must look like postgresql://user:password@host:port/database',
  );
const webUrl = z.url({ protocol: /^https?$/, error: 'must be an http(s) address' });
const keyRing = z.string({ error: 'is missing' }).transform(readKeyRing);

const portalSettings = z.object({
  NODE_ENV: z.string().default('development'),
  PORT: z.coerce.number({ error: 'must be a port number' }).int().min(0).max(65535).optional(),
  HOST: z.string().optional(),
  DATABASE_URL: databaseUrl,
  GATE_DATABASE_URL: databaseUrl,
  TOKEN_KEYS: keyRing,
  CONTEXT_KEYS: keyRing,
  CONTEXT_BINDS_PID: onOff.default(true),
  UPLOADS_DIR: z.string().default(join(state, 'uploads')),
  MAIL_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'must start with smtp:// or smtps://')
    .optional(),
  MAILBOX_DIR: z.string().default(join(state, 'mailbox')),
  PUBLIC_URL: webUrl.optional(),
  PARTNER_URL: webUrl.default('http://localhost:3001'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  TRUST_PROXY: z.string().default('off').transform(readTrustProxy),
  DB_ADAPTER: z.enum(['thin', 'stock']).default('thin'),
  DB_NAMED_STATEMENTS: onOff.default(true),
  DB_CONTEXT_MODE: z.enum(['implicit', 'begin']).default('implicit'),
  RECEIPTS: onOff.default(true),
  RECEIPT_DAYS: z.coerce.number({ error: 'must be a number of days' }).int().min(7).max(3650).default(30),
  LAYER_SAMPLE: z.coerce.number({ error: 'must be a share from 0 to 1' }).min(0).max(1).default(0.01),
  DB_POOL_SIZE: z.coerce.number({ error: 'must be a number' }).int().min(1).max(50).default(10),
});

/** Everything one portal process is told from outside, checked. */
export type Config = ReturnType<typeof portalConfig>;

type Env = Record<string, string | undefined>;

/** @throws BootError naming every setting that is missing or wrong, on one line. */
export function portalConfig(portal: PortalName, env: Env = process.env) {
  if (portal === 'partner') refuseAdminSecrets(env);
  const [set, open, signing] = parseBoth(portal, env);
  refuseForeignKeys(portal, portal, { TOKEN_KEYS: set.TOKEN_KEYS, CONTEXT_KEYS: set.CONTEXT_KEYS });
  if (open) {
    const { PUBLIC_TOKEN_KEYS, PUBLIC_CONTEXT_KEYS, DEVICE_TOKEN_KEYS, DEVICE_CONTEXT_KEYS } = open;
    refuseForeignKeys(portal, 'public', { PUBLIC_TOKEN_KEYS, PUBLIC_CONTEXT_KEYS });
    refuseForeignKeys(portal, 'device', { DEVICE_TOKEN_KEYS, DEVICE_CONTEXT_KEYS });
  }
  const contextKey = (key: TokenKey): ContextKey => ({ ...key, bindsPid: set.CONTEXT_BINDS_PID });
  const port = set.PORT ?? (portal === 'admin' ? 3000 : 3001);
  return {
    portal,
    production: set.NODE_ENV === 'production',
    /** Names of settings that are the other process's secrets: none, in an environment as it should be. */
    foreignSecrets: foreignSecrets(portal, env),
    port,
    /** The interface to listen on; undefined means all of them. */
    host: set.HOST,
    publicUrl: set.PUBLIC_URL ?? `http://localhost:${port}`,
    /** Where partners sign in: for the links in invitations, which the admin portal sends too. */
    partnerUrl: portal === 'partner' ? (set.PUBLIC_URL ?? `http://localhost:${port}`) : set.PARTNER_URL,
    trustProxy: set.TRUST_PROXY,
    logLevel: set.LOG_LEVEL,
    uploadsDir: set.UPLOADS_DIR,
    /** Days that receipts are kept; null: none are written. */
    receiptDays: set.RECEIPTS ? set.RECEIPT_DAYS : null,
    /** The share of requests after which layers of isolation are compared. */
    layerSample: set.LAYER_SAMPLE,
    /** `url` undefined: mail is kept in the dev mailbox folder. */
    mail: { url: set.MAIL_URL, mailboxDir: set.MAILBOX_DIR },
    tokenKeys: set.TOKEN_KEYS satisfies TokenKey[],
    contextKeys: set.CONTEXT_KEYS.map(contextKey),
    database: {
      url: set.DATABASE_URL,
      gateUrl: set.GATE_DATABASE_URL,
      adapter: set.DB_ADAPTER,
      namedStatements: set.DB_NAMED_STATEMENTS,
      contextMode: set.DB_CONTEXT_MODE,
      poolSize: set.DB_POOL_SIZE,
    },
    /** Whose signatures on anchors and certificates are believed; published by both portals. */
    auditKeys: withOwn(set.AUDIT_PUBLIC_KEY, signing?.AUDIT_SIGNING_KEY),
    /** What anchors the audit trail: null in the partner process, which signs none. */
    audit: signing && auditConfig(signing),
    /** The public surface: null in the admin process, which has no door for it. */
    open: open && {
      databaseUrl: open.PUBLIC_DATABASE_URL,
      tokenKeys: open.PUBLIC_TOKEN_KEYS satisfies TokenKey[],
      contextKeys: open.PUBLIC_CONTEXT_KEYS.map(contextKey),
      eventMonthsKept: open.EVENT_MONTHS_KEPT,
      /** Null: the channel is not offered. */
      whatsApp: whatsAppConfig(open),
    },
    /** The device surface, for tills: null in the admin process too. */
    till: open && {
      databaseUrl: open.DEVICE_DATABASE_URL,
      tokenKeys: open.DEVICE_TOKEN_KEYS satisfies TokenKey[],
      contextKeys: open.DEVICE_CONTEXT_KEYS.map(contextKey),
    },
  };
}

/** Both at once, so that the first start names everything that is missing. */
function parseBoth(portal: PortalName, env: Env) {
  const shared = portalSettings.extend(auditSettings.shape);
  if (portal === 'admin') {
    const set = parse(shared.extend(auditSigningSettings.shape), env);
    return [set, null, set] as const;
  }
  const set = parse(
    shared.extend({ ...publicSettings.shape, ...whatsAppSettings.shape, ...deviceSettings.shape }),
    env,
  );
  return [set, set, null] as const;
}

/** The keys told of, and the one that signs now if it is not among them. */
function withOwn(told: readonly AuditPublicKey[], signer: AuditSigner | null | undefined): AuditPublicKey[] {
  const own = signer ? [{ keyId: signer.keyId, publicKey: signer.publicKey }] : [];
  return [...own, ...told.filter(({ keyId }) => keyId !== signer?.keyId)];
}

/** What the public surface is told besides, in the partner process alone. */
const publicSettings = z.object({
  PUBLIC_DATABASE_URL: databaseUrl,
  PUBLIC_TOKEN_KEYS: keyRing,
  PUBLIC_CONTEXT_KEYS: keyRing,
  EVENT_MONTHS_KEPT: z.coerce
    .number({ error: 'must be a number of months' })
    .int()
    .min(13)
    .max(120)
    .default(25),
});

/** The same for the device surface. */
const deviceSettings = z.object({
  DEVICE_DATABASE_URL: databaseUrl,
  DEVICE_TOKEN_KEYS: keyRing,
  DEVICE_CONTEXT_KEYS: keyRing,
});

const scriptSettings = z.object({
  NODE_ENV: z.string().default('development'),
  BULKHEAD_HOME: z.string().default(state),
  DATABASE_URL: databaseUrl.optional(),
  MIGRATE_DATABASE_URL: databaseUrl.optional(),
  ADMIN_PORT: z.coerce.number({ error: 'must be a port number' }).int().min(1).max(65535).default(3000),
  PARTNER_PORT: z.coerce.number({ error: 'must be a port number' }).int().min(1).max(65535).default(3001),
  DEMO_SHOP_PORT: z.coerce.number({ error: 'must be a port number' }).int().min(1).max(65535).default(3002),
  CONTEXT_BINDS_PID: onOff.default(true),
  SEED: onOff.default(true),
});

/** What the scripts around the portals are told: `npm start`, `db:*`, `keys:rotate`. */
export function scriptConfig(env: Env = process.env) {
  const set = parse(scriptSettings, env);
  return {
    production: set.NODE_ENV === 'production',
    /** Where secrets, uploads, the dev mailbox and the embedded server live. */
    home: set.BULKHEAD_HOME,
    /** A login that may create roles, on a PostgreSQL of one's own; undefined means the embedded server. */
    migrateUrl: set.MIGRATE_DATABASE_URL ?? set.DATABASE_URL,
    ports: { admin: set.ADMIN_PORT, partner: set.PARTNER_PORT },
    /** Where `npm start` shows the widget in a page of another origin; null where there is no demo data to show. */
    demoShopPort: set.SEED && set.NODE_ENV !== 'production' ? set.DEMO_SHOP_PORT : null,
    bindsPid: set.CONTEXT_BINDS_PID,
    seed: set.SEED,
    /** Settings that a portal started by a script takes over as they are. */
    passedOn: pick(env, passedOn),
    /** The same for the admin portal alone: the partner portal refuses to start with them. */
    passedOnToAdmin: pick(env, passedOnToAdmin),
  };
}

const basics = ['PATH', 'HOME', 'TZ', 'LANG', 'TMPDIR', 'SystemRoot', 'NODE_ENV', 'NODE_OPTIONS'];
const tuning = [
  'EVENT_MONTHS_KEPT',
  'RECEIPTS',
  'RECEIPT_DAYS',
  'LAYER_SAMPLE',
  ...Object.keys(whatsAppSettings.shape),
  'MAIL_URL',
  'LOG_LEVEL',
  'TRUST_PROXY',
  'HOST',
  'DB_ADAPTER',
  'DB_NAMED_STATEMENTS',
];
const passedOn = [...basics, ...tuning, 'DB_CONTEXT_MODE', 'DB_POOL_SIZE', 'CONTEXT_BINDS_PID'];
const passedOnToAdmin = Object.keys(auditSigningSettings.shape).filter(
  (name) => name !== 'AUDIT_SIGNING_KEY',
);

function pick(env: Env, names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

function parse<T extends z.ZodType>(settings: T, env: Env): z.output<T> {
  // An empty variable counts as unset: that is how compose files and CI write "no value".
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = settings.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  throw new BootError(`Settings: ${problems.join('; ')}. The README's configuration table lists them.`);
}

// A partner process that holds staff secrets has lost the point of being a process of its own.
function refuseAdminSecrets(env: Env): void {
  const found = Object.keys(env).filter((name) => /^ADMIN_|^AUDIT_S|^MIGRATE_DATABASE_URL$/.test(name));
  if (found.length === 0) return;
  throw new BootError(
    `The partner portal must not see ${found.sort().join(', ')}: remove it from its environment.`,
  );
}

/** `off`, a number of hops, or addresses, as Express's "trust proxy" takes them. */
function readTrustProxy(text: string): boolean | number | string {
  if (text === 'off') return false;
  return /^\d+$/.test(text) ? Number(text) : text;
}
