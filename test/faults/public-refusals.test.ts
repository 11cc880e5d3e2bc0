import { type TestDatabase, testDatabase } from '../support/database.ts';
import { portalEnv } from '../support/http.ts';
import { buildOnce } from '../support/portal-processes.ts';
import { refuses } from '../support/refuses.ts';

describe('a partner process with keys or logins of its surfaces mixed up', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  before(async () => {
    await buildOnce();
    database = await testDatabase();
  });
  after(() => database?.drop());

  const own = () => portalEnv('partner', database);
  const admin = () => portalEnv('admin', database);
  const cases: [name: string, env: () => Record<string, string>, pattern: RegExp][] = [
    [
      'its own context key for the public surface',
      () => ({ PUBLIC_CONTEXT_KEYS: own().CONTEXT_KEYS! }),
      /PUBLIC_CONTEXT_KEYS of the partner portal holds key "partner-[^"]*" of the partner portal/,
    ],
    [
      'its own token key for shoppers',
      () => ({ PUBLIC_TOKEN_KEYS: `${own().PUBLIC_TOKEN_KEYS},${own().TOKEN_KEYS}` }),
      /PUBLIC_TOKEN_KEYS of the partner portal holds key "partner-/,
    ],
    [
      'the admin portal’s token key for shoppers',
      () => ({ PUBLIC_TOKEN_KEYS: admin().TOKEN_KEYS! }),
      /PUBLIC_TOKEN_KEYS of the partner portal holds key "admin-/,
    ],
    [
      'the public surface’s context key for partners',
      () => ({ CONTEXT_KEYS: own().PUBLIC_CONTEXT_KEYS! }),
      /CONTEXT_KEYS of the partner portal holds key "public-[^"]*" of the public surface/,
    ],
    [
      'the public surface’s token key as its second',
      () => ({ TOKEN_KEYS: `${own().TOKEN_KEYS},${own().PUBLIC_TOKEN_KEYS}` }),
      /TOKEN_KEYS of the partner portal holds key "public-/,
    ],
    [
      'its own context key under a public name',
      () => ({ PUBLIC_CONTEXT_KEYS: own().CONTEXT_KEYS!.replace(/^partner-/, 'public-x') }),
      /CONTEXT_KEYS: the database does not know key "public-x[^"]*" for surface public/,
    ],
    [
      'the partner’s login for the public surface',
      () => ({ PUBLIC_DATABASE_URL: own().DATABASE_URL! }),
      /connected as bulkhead_partner, but the public process must be bulkhead_public/,
    ],
    [
      'the gate’s login for the public surface',
      () => ({ PUBLIC_DATABASE_URL: own().GATE_DATABASE_URL! }),
      /connected as bulkhead_partner_gate, but the public process must be bulkhead_public/,
    ],
    [
      'a superuser for the public surface',
      () => ({ PUBLIC_DATABASE_URL: database.superuserUrl }),
      /connected as postgres|has SUPERUSER/,
    ],
    [
      'the public login for partners',
      () => ({ DATABASE_URL: own().PUBLIC_DATABASE_URL! }),
      /connected as bulkhead_public, but the partner process must be bulkhead_partner/,
    ],
    [
      'its own context key for tills',
      () => ({ DEVICE_CONTEXT_KEYS: own().CONTEXT_KEYS! }),
      /DEVICE_CONTEXT_KEYS of the partner portal holds key "partner-[^"]*" of the partner portal/,
    ],
    [
      'the public surface’s token key for tills',
      () => ({ DEVICE_TOKEN_KEYS: own().PUBLIC_TOKEN_KEYS! }),
      /DEVICE_TOKEN_KEYS of the partner portal holds key "public-[^"]*" of the public surface/,
    ],
    [
      'the device surface’s context key for partners',
      () => ({ CONTEXT_KEYS: own().DEVICE_CONTEXT_KEYS! }),
      /CONTEXT_KEYS of the partner portal holds key "device-[^"]*" of the device surface/,
    ],
    [
      'the partner’s login for tills',
      () => ({ DEVICE_DATABASE_URL: own().DATABASE_URL! }),
      /connected as bulkhead_partner, but the device process must be bulkhead_device/,
    ],
    [
      'the tills’ login for the public surface',
      () => ({ PUBLIC_DATABASE_URL: own().DEVICE_DATABASE_URL! }),
      /connected as bulkhead_device, but the public process must be bulkhead_public/,
    ],
    [
      'no settings of the device surface',
      () => ({ DEVICE_DATABASE_URL: '', DEVICE_TOKEN_KEYS: '', DEVICE_CONTEXT_KEYS: '' }),
      /DEVICE_DATABASE_URL is missing; DEVICE_TOKEN_KEYS is missing; DEVICE_CONTEXT_KEYS is missing/,
    ],
    [
      'no settings of the public surface',
      () => ({ PUBLIC_DATABASE_URL: '', PUBLIC_TOKEN_KEYS: '', PUBLIC_CONTEXT_KEYS: '' }),
      /PUBLIC_DATABASE_URL is missing; PUBLIC_TOKEN_KEYS is missing; PUBLIC_CONTEXT_KEYS is missing/,
    ],
  ];
  for (const [name, env, pattern] of cases) it(name, () => refuses('partner', database, env(), pattern));
});
