import { join } from 'node:path';
import { auditSigner } from '../server/audit/signing.ts';
import type { PortalName } from '../server/config.ts';
import { withUrl } from '../server/db/setup/connect.ts';
import type { Login } from '../server/db/setup/roles.ts';
import type { Script, Target } from './database.ts';
import { ringText, type Secrets } from './secrets.ts';

/** What one portal is told: its own logins and keys, nothing of the other portal and nothing of the owner. */
export function portalEnv(
  portal: PortalName,
  { url, secrets }: Pick<Target, 'url' | 'secrets'>,
  script: Script,
) {
  const as = (login: Login) => withUrl(url, { user: login, password: secrets.rolePasswords[login] });
  const address = (name: PortalName) => `http://localhost:${script.ports[name]}`;
  return {
    PORT: String(script.ports[portal]),
    PUBLIC_URL: address(portal),
    ...(portal === 'admin' ? { PARTNER_URL: address('partner'), ...signing(secrets, script) } : {}),
    AUDIT_PUBLIC_KEY: auditKeys(secrets).join(','),
    DATABASE_URL: as(`bulkhead_${portal}`),
    GATE_DATABASE_URL: as(`bulkhead_${portal}_gate`),
    TOKEN_KEYS: ringText(secrets.tokenKeys[portal]),
    CONTEXT_KEYS: ringText(secrets.contextKeys[portal]),
    ...(portal === 'partner'
      ? {
          PUBLIC_DATABASE_URL: as('bulkhead_public'),
          PUBLIC_TOKEN_KEYS: ringText(secrets.tokenKeys.public),
          PUBLIC_CONTEXT_KEYS: ringText(secrets.contextKeys.public),
          DEVICE_DATABASE_URL: as('bulkhead_device'),
          DEVICE_TOKEN_KEYS: ringText(secrets.tokenKeys.device),
          DEVICE_CONTEXT_KEYS: ringText(secrets.contextKeys.device),
        }
      : {}),
    UPLOADS_DIR: join(script.home, 'uploads'),
    MAILBOX_DIR: join(script.home, 'mailbox'),
  };
}

const signing = ({ auditKey }: Secrets, { home, passedOnToAdmin }: Script) => ({
  AUDIT_SIGNING_KEY: auditKey,
  AUDIT_ANCHOR_DIR: join(home, 'anchors'),
  ...passedOnToAdmin,
});

/** The public keys of an installation, the one that signs now first. */
export function auditKeys({ auditKey, auditKeysBefore }: Secrets): string[] {
  return [auditSigner(Buffer.from(auditKey, 'base64url')).publicKey, ...auditKeysBefore];
}
