import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { auditSigner } from '../server/audit/signing.ts';
import { BootError } from '../server/boot-error.ts';
import type { KeySurface } from '../server/config.ts';
import { makeHome } from '../server/db/embedded/place.ts';
import { loginNames } from '../server/db/setup/roles.ts';

const bare = z.string().refine((text) => Buffer.from(text, 'base64url').length === 32, 'is not 32 bytes');
const key = z.object({ kid: z.string().regex(/^[a-z0-9-]{1,40}$/), key: bare });
const ring = z.array(key).min(1).max(2);
const rings = z.object({ admin: ring, partner: ring, public: ring, device: ring });
const password = z.string().min(16);
const secretsFile = z.object({
  superuserPassword: password,
  rolePasswords: z.object({
    bulkhead_admin: password,
    bulkhead_partner: password,
    bulkhead_public: password,
    bulkhead_device: password,
    bulkhead_admin_gate: password,
    bulkhead_partner_gate: password,
  }),
  tokenKeys: rings,
  contextKeys: rings,
  /** Signs anchors of the audit trail and certificates. */
  auditKey: bare,
  /** Public halves of the keys before it: what they signed must stay verifiable. */
  auditKeysBefore: z.array(bare),
});

/** Everything secret of one installation. In each ring the first key signs, and both verify. */
export type Secrets = z.infer<typeof secretsFile>;
export type Ring = z.infer<typeof ring>;

const fileOf = (home: string) => join(home, 'secrets.json');
const surfaces: KeySurface[] = ['admin', 'partner', 'public', 'device'];
/** Surfaces that an older installation's file may not know yet. */
const LATER = ['public', 'device'] as const;

/** Reads the installation's secrets, or makes them when there are none yet. Mode 0600, complete or absent. */
export function loadSecrets(home: string): Secrets {
  if (!existsSync(fileOf(home))) makeOnce(home);
  const raw = readRaw(home);
  const grown = withAuditKey(LATER.reduce(withSurface, raw));
  if (grown === raw) return checked(home, raw);
  const secrets = checked(home, grown);
  saveSecrets(home, secrets);
  return secrets;
}

/** An installation from before there was a surface gets that one's login and keys; what it has stays. */
function withSurface(raw: unknown, surface: (typeof LATER)[number]): unknown {
  const { rolePasswords, tokenKeys, contextKeys } = (raw ?? {}) as Record<string, Record<string, unknown>>;
  const login = `bulkhead_${surface}`;
  if (!rolePasswords || rolePasswords[login] !== undefined) return raw;
  return {
    ...(raw as object),
    rolePasswords: { ...rolePasswords, [login]: randomText(24) },
    tokenKeys: { ...tokenKeys, [surface]: [newKey(surface)] },
    contextKeys: { ...contextKeys, [surface]: [newKey(surface)] },
  };
}

/** The same for one from before anchors were signed. */
function withAuditKey(raw: unknown): unknown {
  const known = (raw ?? {}) as Record<string, unknown>;
  if (!known.rolePasswords || known.auditKey !== undefined) return raw;
  return { ...known, auditKey: randomText(32), auditKeysBefore: [] };
}

/**
 * The secrets with a new first key in every ring, the former first one second, older ones dropped; not written yet.
 * Also the repair for a ring that is missing or damaged.
 */
export function rotated(home: string): Secrets {
  if (!existsSync(fileOf(home))) makeOnce(home);
  const old = withAuditKey(LATER.reduce(withSurface, readRaw(home))) as AuditKeys &
    Record<'tokenKeys' | 'contextKeys', Partial<Record<KeySurface, unknown>> | undefined>;
  const next = (group: 'tokenKeys' | 'contextKeys', surface: KeySurface): Ring => {
    const former = ring.safeParse(old[group]?.[surface]);
    return [newKey(surface), ...(former.success ? former.data.slice(0, 1) : [])];
  };
  const all = (group: 'tokenKeys' | 'contextKeys') =>
    Object.fromEntries(surfaces.map((surface) => [surface, next(group, surface)]));
  const audit = { auditKey: randomText(32), auditKeysBefore: keysBefore(old) };
  return checked(home, { ...old, tokenKeys: all('tokenKeys'), contextKeys: all('contextKeys'), ...audit });
}

type AuditKeys = Partial<Pick<Secrets, 'auditKey' | 'auditKeysBefore'>>;

// All of them, however often it is rotated: an anchor that nobody can check any more proves nothing.
function keysBefore({ auditKey, auditKeysBefore = [] }: AuditKeys): string[] {
  if (!bare.safeParse(auditKey).success) return auditKeysBefore;
  return [auditSigner(Buffer.from(auditKey!, 'base64url')).publicKey, ...auditKeysBefore];
}

/** Replaces the installation's secrets in one step. */
export function saveSecrets(home: string, secrets: Secrets): void {
  renameSync(writeDraft(home, secrets), fileOf(home));
}

/** A ring as a portal's environment carries it. */
export function ringText(keys: Ring): string {
  return keys.map(({ kid, key }) => `${kid}:${key}`).join(',');
}

function newSecrets(): Secrets {
  const rings = () => Object.fromEntries(surfaces.map((surface) => [surface, [newKey(surface)]]));
  return secretsFile.parse({
    superuserPassword: randomText(24),
    rolePasswords: Object.fromEntries(loginNames.map((name) => [name, randomText(24)])),
    tokenKeys: rings(),
    contextKeys: rings(),
    auditKey: randomText(32),
    auditKeysBefore: [],
  });
}

function newKey(surface: KeySurface) {
  return { kid: `${surface}-${randomBytes(4).toString('hex')}`, key: randomText(32) };
}

const randomText = (bytes: number) => randomBytes(bytes).toString('base64url');

// Linked, not renamed: of two starts at the same moment, one makes the file and both read it.
function makeOnce(home: string): void {
  makeHome(home);
  const draft = writeDraft(home, newSecrets());
  try {
    linkSync(draft, fileOf(home));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeDraft(home: string, secrets: Secrets): string {
  const draft = `${fileOf(home)}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return draft;
}

function readRaw(home: string): unknown {
  try {
    return JSON.parse(readFileSync(fileOf(home), 'utf8'));
  } catch (error) {
    throw new BootError(
      `${fileOf(home)} can't be read (${(error as Error).message}): restore it from your backup.`,
    );
  }
}

function checked(home: string, raw: unknown): Secrets {
  const result = secretsFile.safeParse(raw);
  if (result.success) return result.data;
  const places = [...new Set(result.error.issues.map((issue) => issue.path.join('.') || 'the file'))];
  const keys = places.every((place) => /Keys/.test(place));
  const remedy = keys ? 'run npm run keys:rotate for new keys' : 'restore the file from your backup';
  throw new BootError(`${places.join(', ')} is missing or damaged in ${fileOf(home)}: ${remedy}.`);
}
