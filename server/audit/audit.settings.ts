import { join } from 'node:path';
import { z } from 'zod';
import { BootError } from '../boot-error.ts';
import { state } from '../paths.ts';
import { type AuditPublicKey, type AuditSigner, auditSigner, readPublicKeys } from './signing.ts';

/** What both portals are told: the public halves alone. */
export const auditSettings = z.object({
  AUDIT_PUBLIC_KEY: z.string().optional().transform(publicKeys),
});

const number = (least: number, most: number) =>
  z.coerce
    .number({ error: `must be a number from ${least} to ${most}` })
    .int()
    .min(least)
    .max(most);

/** What only the admin process is told. */
export const auditSigningSettings = z.object({
  AUDIT_SIGNING_KEY: z.string().optional().transform(signingKey),
  AUDIT_ANCHOR_DIR: z.string().default(join(state, 'anchors')),
  AUDIT_ANCHOR_SECONDS: number(5, 86_400).default(60),
  AUDIT_MONTHS: number(1, 600).optional(),
  AUDIT_S3_URL: z.url({ protocol: /^https?$/, error: 'must be an http(s) address' }).optional(),
  AUDIT_S3_BUCKET: z.string().optional(),
  AUDIT_S3_REGION: z.string().default('us-east-1'),
  AUDIT_S3_KEY_ID: z.string().optional(),
  AUDIT_S3_SECRET: z.string().optional(),
  AUDIT_S3_LOCK_DAYS: number(1, 36_500).default(400),
});

/** Where copies of anchors go that not even this machine can take back. */
export interface AnchorStore {
  readonly url: string;
  readonly bucket: string;
  readonly region: string;
  readonly keyId: string;
  readonly secret: string;
  readonly lockDays: number;
}

/** What the admin process needs to anchor the trail. */
export interface AuditConfig {
  /** Null: nothing is anchored, and the page of verification says so. */
  readonly signer: AuditSigner | null;
  readonly anchorDir: string;
  readonly anchorSeconds: number;
  /** Null: entries are kept for good. */
  readonly monthsKept: number | null;
  readonly store: AnchorStore | null;
}

type Signing = z.output<typeof auditSigningSettings>;

/** @throws BootError when a store for anchors is named by halves */
export function auditConfig(set: Signing): AuditConfig {
  return {
    signer: set.AUDIT_SIGNING_KEY,
    anchorDir: set.AUDIT_ANCHOR_DIR,
    anchorSeconds: set.AUDIT_ANCHOR_SECONDS,
    monthsKept: set.AUDIT_MONTHS ?? null,
    store: anchorStore(set),
  };
}

function anchorStore(set: Signing): AnchorStore | null {
  const { AUDIT_S3_URL, AUDIT_S3_BUCKET, AUDIT_S3_KEY_ID, AUDIT_S3_SECRET } = set;
  const needed = { AUDIT_S3_URL, AUDIT_S3_BUCKET, AUDIT_S3_KEY_ID, AUDIT_S3_SECRET };
  const missing = Object.entries(needed).flatMap(([name, value]) => (value ? [] : [name]));
  if (missing.length === Object.keys(needed).length) return null;
  if (missing.length > 0)
    throw new BootError(`Settings: ${missing.join(', ')} missing: all of these, or none.`);
  return {
    ...{ url: AUDIT_S3_URL!.replace(/\/+$/, ''), bucket: AUDIT_S3_BUCKET!, region: set.AUDIT_S3_REGION },
    ...{ keyId: AUDIT_S3_KEY_ID!, secret: AUDIT_S3_SECRET!, lockDays: set.AUDIT_S3_LOCK_DAYS },
  };
}

function publicKeys(text: string | undefined, issues: z.RefinementCtx): AuditPublicKey[] {
  try {
    return text ? readPublicKeys(text) : [];
  } catch {
    issues.addIssue({ code: 'custom', message: 'must be public keys of 32 bytes in base64url, with commas' });
    return z.NEVER;
  }
}

function signingKey(text: string | undefined, issues: z.RefinementCtx): AuditSigner | null {
  if (!text) return null;
  const secret = Buffer.from(text, 'base64url');
  if (secret.length === 32) return auditSigner(secret);
  issues.addIssue({ code: 'custom', message: 'must be 32 bytes in base64url' });
  return z.NEVER;
}
