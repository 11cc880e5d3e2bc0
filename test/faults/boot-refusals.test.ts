import assert from 'node:assert/strict';
import { withClient } from '../../server/db/setup/connect.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { portalEnv } from '../support/http.ts';
import { buildOnce, spawnPortal } from '../support/portal-processes.ts';
import { refuses } from '../support/refuses.ts';

describe('a process that must not start', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  before(async () => {
    await buildOnce();
    database = await testDatabase();
  });
  after(() => database?.drop());

  describe('partner, with something of the admin portal in reach', () => {
    const admin = () => portalEnv('admin', database) as Record<string, string>;
    const ring = (name: string) => `${portalEnv('partner', database)[name]},${admin()[name]}`;
    const cases: [name: string, env: () => Record<string, string>, pattern: RegExp][] = [
      [
        'ADMIN_TOKEN_KEYS',
        () => ({ ADMIN_TOKEN_KEYS: admin().TOKEN_KEYS! }),
        /must not see ADMIN_TOKEN_KEYS/,
      ],
      [
        'any name that starts with ADMIN_',
        () => ({ ADMIN_X: 'x', ADMIN_PORT: '1' }),
        /must not see ADMIN_PORT, ADMIN_X/,
      ],
      [
        'MIGRATE_DATABASE_URL',
        () => ({ MIGRATE_DATABASE_URL: database.superuserUrl }),
        /must not see MIGRATE_DATABASE_URL/,
      ],
      [
        'the admin login',
        () => ({ DATABASE_URL: admin().DATABASE_URL! }),
        /connected as bulkhead_admin, but the partner process must be bulkhead_partner/,
      ],
      [
        "the admin gate's login",
        () => ({ GATE_DATABASE_URL: admin().GATE_DATABASE_URL! }),
        /connected as bulkhead_admin_gate/,
      ],
      ['a superuser', () => ({ DATABASE_URL: database.superuserUrl }), /connected as postgres|has SUPERUSER/],
      [
        'a superuser at the gate',
        () => ({ GATE_DATABASE_URL: database.superuserUrl }),
        /connected as postgres|has SUPERUSER/,
      ],
      [
        "the admin portal's context key",
        () => ({ CONTEXT_KEYS: admin().CONTEXT_KEYS! }),
        /CONTEXT_KEYS of the partner portal holds key "admin-/,
      ],
      [
        'that key as its second',
        () => ({ CONTEXT_KEYS: ring('CONTEXT_KEYS') }),
        /CONTEXT_KEYS of the partner portal holds key "admin-/,
      ],
      [
        'that key under another name',
        () => ({ CONTEXT_KEYS: admin().CONTEXT_KEYS!.replace(/^admin-/, 'own-') }),
        /CONTEXT_KEYS: the database does not know key "own-/,
      ],
      [
        "the admin portal's token key",
        () => ({ TOKEN_KEYS: ring('TOKEN_KEYS') }),
        /TOKEN_KEYS of the partner portal holds key "admin-/,
      ],
    ];
    for (const [name, env, pattern] of cases) it(name, () => refuses('partner', database, env(), pattern));
  });

  describe('admin, with something of the partner portal', () => {
    it('its login', () =>
      refuses(
        'admin',
        database,
        { DATABASE_URL: database.url('bulkhead_partner') },
        /connected as bulkhead_partner/,
      ));
    it('its context key', () =>
      refuses(
        'admin',
        database,
        { CONTEXT_KEYS: portalEnv('partner', database).CONTEXT_KEYS! },
        /holds key "partner-/,
      ));
  });

  describe('on a database that would not keep its promise', () => {
    const tampered: [name: string, sql: string, undo: string, pattern: RegExp][] = [
      [
        'bulkhead_partner is a member of bulkhead_admin',
        'grant bulkhead_admin to bulkhead_partner',
        'revoke bulkhead_admin from bulkhead_partner',
        /bulkhead_partner can become bulkhead_admin/,
      ],
      [
        'a member that can only SET ROLE',
        'grant bulkhead_admin to bulkhead_partner with inherit false, set true',
        'revoke bulkhead_admin from bulkhead_partner',
        /bulkhead_partner can become bulkhead_admin/,
      ],
      [
        'a login that row-level security does not bind',
        'alter role bulkhead_partner bypassrls',
        'alter role bulkhead_partner nobypassrls',
        /bulkhead_partner has BYPASSRLS/,
      ],
      [
        'FORCE dropped on a table',
        'alter table offer no force row level security',
        'alter table offer force row level security',
        /table offer: row-level security is not forced/,
      ],
      [
        'row-level security switched off on a table',
        'alter table branch disable row level security',
        'alter table branch enable row level security',
        /table branch: row-level security is not forced/,
      ],
      [
        'a policy altered',
        'alter policy partner_select on offer using (market_id is not null)',
        'alter policy partner_select on offer using (market_id = (select app.market_id()))',
        /policy offer\.partner_select is not as declared/,
      ],
      [
        'a policy too many',
        'create policy wide on offer for select to bulkhead_partner using (true)',
        'drop policy wide on offer',
        /policy offer\.wide/,
      ],
      [
        'a policy gone',
        'drop policy partner_delete on offer',
        `create policy partner_delete on offer for delete to bulkhead_partner
           using (((market_id = (select app.market_id_as('manager'))) and (state = 'draft')))`,
        /policy offer\.partner_delete is missing/,
      ],
      [
        'a grant too many',
        'grant update (market_id) on offer to bulkhead_partner',
        'revoke update (market_id) on offer from bulkhead_partner',
        /granted but not declared: update \(market_id\) on offer to bulkhead_partner/,
      ],
      [
        'a table that nobody declared',
        'create table public.loose (id int)',
        'drop table public.loose',
        /table loose is declared nowhere/,
      ],
      [
        'a context function that plans may keep the answer of',
        'alter function app.market_id() immutable',
        'alter function app.market_id() stable',
        /function app\.market_id\(\) is not as the migrations made it/,
      ],
      [
        'a retired context key',
        `update vault.context_key set retired_at = now() where surface = 'partner'`,
        `update vault.context_key set retired_at = null where surface = 'partner'`,
        /CONTEXT_KEYS: the database does not know key/,
      ],
      [
        'a retired context key of the public surface',
        `update vault.context_key set retired_at = now() where surface = 'public'`,
        `update vault.context_key set retired_at = null where surface = 'public'`,
        /CONTEXT_KEYS: the database does not know key "public-/,
      ],
      [
        'a month of events that somebody may read',
        `do $$ begin execute (select format('grant select on %s to bulkhead_public', min(inhrelid::regclass::text))
           from pg_inherits where inhparent = 'offer_event'::regclass); end $$`,
        `do $$ begin execute (select format('revoke select on %s from bulkhead_public', min(inhrelid::regclass::text))
           from pg_inherits where inhparent = 'offer_event'::regclass); end $$`,
        /granted but not declared: select on offer_event_\d{4}_\d\d to bulkhead_public/,
      ],
      [
        'limits of claims that are switched off',
        'alter table claim disable trigger claim_taken',
        'alter table claim enable trigger claim_taken',
        /trigger claim_taken is switched off/,
      ],
      [
        'defaults that a login gave itself',
        'alter role bulkhead_public set row_security = off',
        'alter role bulkhead_public reset row_security',
        /default of bulkhead_public: has row_security=off/,
      ],
    ];
    const sql = (text: string) => withClient(database.superuserUrl, (client) => client.query(text));

    for (const [name, change, undo, pattern] of tampered) {
      it(name, async () => {
        await sql(change);
        try {
          await refuses('partner', database, {}, pattern);
        } finally {
          await sql(undo);
        }
      });
    }

    it('and with all of it undone, it starts', async () => {
      const started = spawnPortal('partner', database, { HOST: '127.0.0.1' });
      await started.says(/"listening"/);
      started.child.kill('SIGTERM');
      assert.deepEqual((await started.ended).code, 0);
    });
  });
});
