import type { PortalName } from './key-ring.ts';

/** Settings that only the other process is told. */
const NAMES: Readonly<Record<PortalName, RegExp>> = {
  admin: /^(PARTNER|PUBLIC|DEVICE)_.*(DATABASE_URL|KEYS?)$/,
  partner: /^ADMIN_|^AUDIT_SIGNING|^MIGRATE_DATABASE_URL$/,
};

/** Whose login or key a value is, under whatever name: keys and logins are named after their surface. */
const VALUES: Readonly<Record<PortalName, RegExp>> = {
  admin: /\/\/bulkhead_(partner|public|device)(_gate)?:|(^|,)\s*(partner|public|device)-[a-z0-9-]*:[\w-]{43}/,
  partner: /\/\/bulkhead_admin(_gate)?:|(^|,)\s*admin-[a-z0-9-]*:[\w-]{43}/,
};

/** Names of what `env` holds of the other process's secrets. */
export function foreignSecrets(portal: PortalName, env: Record<string, string | undefined>): string[] {
  return Object.entries(env)
    .filter(([name, value]) => value && (NAMES[portal].test(name) || VALUES[portal].test(value)))
    .map(([name]) => name)
    .sort();
}
