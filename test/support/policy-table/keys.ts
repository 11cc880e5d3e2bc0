import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { storeContextKeys } from '../../../server/db/setup/context-keys.ts';
import type { ContextKey } from '../../../server/market/context.ts';

const made = (kid: string): ContextKey => ({ kid, key: randomBytes(32), bindsPid: true });

/** Signing keys of one test database: two live ones for the partner surface, as in the middle of a rotation. */
export interface TestKeys {
  readonly partner: ContextKey;
  readonly previousPartner: ContextKey;
  readonly retiredPartner: ContextKey;
  readonly admin: ContextKey;
  readonly retiredAdmin: ContextKey;
  readonly public: ContextKey;
  readonly retiredPublic: ContextKey;
  readonly device: ContextKey;
  readonly retiredDevice: ContextKey;
}

/** Stores fresh keys the way the product does. A key that drops out of the list is retired. */
export async function storeTestKeys(superuser: Client): Promise<TestKeys> {
  const keys = {
    partner: made('test-partner'),
    previousPartner: made('test-partner-previous'),
    retiredPartner: made('test-partner-retired'),
    admin: made('test-admin'),
    retiredAdmin: made('test-admin-retired'),
    public: made('test-public'),
    retiredPublic: made('test-public-retired'),
    device: made('test-device'),
    retiredDevice: made('test-device-retired'),
  };
  await storeContextKeys(superuser, {
    partner: [keys.retiredPartner, keys.previousPartner],
    admin: [keys.retiredAdmin],
    public: [keys.retiredPublic],
    device: [keys.retiredDevice],
  });
  await storeContextKeys(superuser, {
    partner: [keys.partner, keys.previousPartner],
    admin: [keys.admin],
    public: [keys.public],
    device: [keys.device],
  });
  return keys;
}
