import assert from 'node:assert/strict';
import { inspect } from '../../server/db/guard/boot-guard.ts';
import { findingLine } from '../../server/db/guard/check.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { type Login, loginNames } from '../../server/db/setup/roles.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

const month = `offer_event_${new Date().toISOString().slice(0, 7).replace('-', '_')}`;

/** [what is wrong, how it came about, how it is undone, who finds it, what it says] */
type Tampered = readonly [name: string, sql: string, undo: string, finding: RegExp, login?: Login];

const tampered: readonly Tampered[] = [
  [
    'a partition may be read',
    `grant select on ${month} to bulkhead_public`,
    `revoke select on ${month} from bulkhead_public`,
    new RegExp(`granted but not declared: select on ${month} to bulkhead_public`),
  ],
  [
    'a column of a partition may be read',
    `grant select (id) on ${month} to bulkhead_partner`,
    `revoke select (id) on ${month} from bulkhead_partner`,
    new RegExp(`granted but not declared: select \\(id\\) on ${month} to bulkhead_partner`),
  ],
  [
    'a partition has a policy',
    `create policy wide on ${month} for select to bulkhead_public using (true)`,
    `drop policy wide on ${month}`,
    new RegExp(`policy ${month}\\.wide is declared nowhere`),
  ],
  [
    'a partition is not bound',
    `alter table ${month} disable row level security`,
    `alter table ${month} enable row level security`,
    new RegExp(`table ${month}: row-level security is not forced`),
  ],
  [
    'a partition made by hand',
    "create table by_hand partition of offer_event for values from ('2099-01-01') to ('2099-02-01')",
    'drop table by_hand',
    /table by_hand: row-level security is not forced/,
  ],
  [
    'limits of claims are switched off',
    'alter table claim disable trigger claim_taken',
    'alter table claim enable trigger claim_taken',
    /trigger claim_taken is switched off/,
  ],
  [
    'redemptions bound at their state alone',
    `drop trigger claim_redeemed on claim;
     create trigger claim_redeemed before update of state on claim for each row execute function app.redeem_claim()`,
    `drop trigger claim_redeemed on claim;
     create trigger claim_redeemed before update of state, branch_id on claim for each row execute function app.redeem_claim()`,
    /trigger claim_redeemed is not as the migrations made it/,
  ],
  [
    'live offers are not counted',
    'alter table offer disable trigger offer_changed',
    'alter table offer enable trigger offer_changed',
    /offer_changed/,
  ],
  [
    'a login may hand quota back to itself',
    'grant execute on function app.return_quota(text, date, integer) to bulkhead_partner',
    'revoke execute on function app.return_quota(text, date, integer) from bulkhead_partner',
    /function app\.return_quota\(text,date,integer\) is not as the migrations made it/,
  ],
  [
    'nothing chains the audit trail',
    'alter table audit_entry disable trigger audit_entry_chained',
    'alter table audit_entry enable trigger audit_entry_chained',
    /audit_entry_chained/,
  ],
  [
    'the audit trail may be edited by its owner',
    'drop trigger audit_entry_kept on audit_entry',
    `create trigger audit_entry_kept before delete or update or truncate on audit_entry
       for each statement execute function app.keep_trail()`,
    /trigger audit_entry_kept is missing/,
  ],
  [
    'nothing queues rollups',
    'drop trigger offer_event_queued on offer_event',
    `create trigger offer_event_queued after insert on offer_event referencing new table as fresh
       for each statement execute function app.queue_rollup()`,
    /trigger offer_event_queued is missing/,
  ],
  [
    'a trigger of nobody’s',
    'create trigger odd before update on offer for each row execute function suppress_redundant_updates_trigger()',
    'drop trigger odd on offer',
    /trigger odd is declared nowhere/,
  ],
  [
    'logins may give their policies up',
    'alter event trigger bulkhead_keep_policies disable',
    'alter event trigger bulkhead_keep_policies enable',
    /the event trigger that keeps logins from giving up their policies is gone or switched off/,
  ],
  [
    'a login’s own defaults',
    'alter role bulkhead_public set default_transaction_read_only = on',
    'alter role bulkhead_public reset default_transaction_read_only',
    /default of bulkhead_public: has default_transaction_read_only=on; run npm run db:roles/,
  ],
  [
    'a gate’s own defaults',
    'alter role bulkhead_partner_gate reset statement_timeout',
    `alter role bulkhead_partner_gate set statement_timeout = '15s'`,
    /default of bulkhead_partner_gate: lacks statement_timeout=15s/,
    'bulkhead_partner_gate',
  ],
  [
    'the public login may become another',
    'grant bulkhead_partner to bulkhead_public',
    'revoke bulkhead_partner from bulkhead_public',
    /bulkhead_public can become bulkhead_partner/,
  ],
  [
    'row-level security does not bind the public login',
    'alter role bulkhead_public bypassrls',
    'alter role bulkhead_public nobypassrls',
    /bulkhead_public has BYPASSRLS/,
  ],
  [
    'the owner of the statistics may log in',
    'alter role bulkhead_statistics login',
    'alter role bulkhead_statistics nologin',
    /bulkhead_statistics may log in or has powers/,
  ],
  [
    'somebody else may erase shoppers',
    'grant execute on function app.erase_shopper() to bulkhead_partner',
    'revoke execute on function app.erase_shopper() from bulkhead_partner',
    /function app\.erase_shopper\(\) is not as the migrations made it/,
  ],
  [
    'a function looks things up in any schema',
    'alter function app.public_market_id() reset search_path',
    'alter function app.public_market_id() set search_path = pg_catalog, pg_temp',
    /function app\.public_market_id\(\) is not as the migrations made it/,
  ],
  [
    'every offer is shown',
    'alter policy public_select on offer using (market_id = (select app.public_market_id()))',
    `alter policy public_select on offer using ((market_id = (select app.public_market_id())) and (state = 'live')
       and coalesce((starts_at <= current_timestamp), true) and coalesce((ends_at > current_timestamp), true))`,
    /policy offer\.public_select is not as declared/,
  ],
  [
    'a retired key of the public surface',
    `update vault.context_key set retired_at = now() where surface = 'public'`,
    `update vault.context_key set retired_at = null where surface = 'public'`,
    /CONTEXT_KEYS: the database does not know key "public-test" for surface public/,
  ],
];

describe('the boot guard', () => {
  let database: TestDatabase;
  const sql = (text: string) => withClient(database.superuserUrl, (client) => client.query(text));

  before(async () => {
    database = await testDatabase();
  });
  after(() => database?.drop());

  async function findings(login: Login): Promise<string[]> {
    const own = { bulkhead_public: 'public', bulkhead_device: 'device' } as const;
    const surface =
      login in own ? own[login as keyof typeof own] : login.includes('admin') ? 'admin' : 'partner';
    const contextKey = database.contextKeys[surface][0]!;
    const checks = await inspect({ url: database.url(login), subject: { surface, role: login, contextKey } });
    return checks.flatMap((check) => check.findings.map(findingLine));
  }

  for (const login of loginNames) {
    it(`finds nothing wrong for ${login}`, async () => assert.deepEqual(await findings(login), []));
  }

  for (const [name, change, undo, finding, login = 'bulkhead_public'] of tampered) {
    it(`finds that ${name}`, async () => {
      await sql(change);
      const found = await findings(login).finally(() => sql(undo));
      assert.ok(
        found.some((line) => finding.test(line)),
        found.join('\n') || 'nothing',
      );
      assert.deepEqual(await findings(login), []);
    });
  }

  it('asks for no event trigger where no superuser could make one', async () => {
    await sql('drop event trigger bulkhead_keep_policies; drop schema guard cascade');
    assert.deepEqual(await findings('bulkhead_public'), []);
  });
});
