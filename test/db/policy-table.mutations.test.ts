import assert from 'node:assert/strict';
import { withClient } from '../../server/db/setup/connect.ts';
import { fillPolicyTable, ROLES } from '../support/policy-table/check.ts';
import { seededDatabase } from '../support/policy-table/seeded.ts';

interface Mutation {
  readonly name: string;
  readonly sql: string;
  /** What the table has to say about it. */
  readonly breach: RegExp;
}

/** Replaces one piece of the verifying function's text; fails when it is not there. */
const inClaims = (from: string, to: string): string => `
  do $do$ declare old text := pg_get_functiondef('app.claims()'::regprocedure); new text; begin
    new := replace(old, $from$${from}$from$, $to$${to}$to$);
    if new = old then raise 'nothing replaced in app.claims()'; end if;
    execute new;
  end $do$`;

const mutations: Mutation[] = [
  {
    name: 'a policy is gone',
    sql: 'drop policy partner_select on offer',
    breach: /bulkhead_partner, amber owner: select offer .* gave "rows "/,
  },
  {
    name: 'row-level security is switched off',
    sql: 'alter table branch disable row level security',
    breach: /bulkhead_partner, none: select branch/,
  },
  {
    name: 'row-level security no longer binds the owner',
    sql: 'alter table offer_event no force row level security',
    breach: /bulkhead_owner, none: select offer_event/,
  },
  {
    name: 'the MAC is not compared',
    sql: inClaims(
      "if sha256(convert_to(encode(mac, 'hex'), 'UTF8')) <>",
      "if false and sha256(convert_to(encode(mac, 'hex'), 'UTF8')) <>",
    ),
    breach: /bulkhead_partner, forged: altered market: select offer/,
  },
  {
    name: 'the connection is not compared',
    sql: inClaims('signing.binds_pid and', 'false and'),
    breach: /bulkhead_partner, stolen from another connection: select offer/,
  },
  {
    name: 'the end is not compared',
    sql: inClaims('part[9]::bigint <', 'false and part[9]::bigint <'),
    breach: /bulkhead_partner, expired: select offer/,
  },
  {
    name: 'a retired key still counts',
    sql: inClaims('and retired_at is null', ''),
    breach: /bulkhead_partner, retired key: select offer/,
  },
  {
    name: 'a key signs for any surface',
    sql: inClaims('not found or signing.surface <> part[3]', 'not found'),
    breach: /bulkhead_admin, wrong surface: staff by the partner key: select offer/,
  },
  {
    name: 'WITH CHECK is widened',
    sql: 'alter policy partner_insert on branch with check (true)',
    breach: /bulkhead_partner, amber owner: insert branch .* gave "affected 1", declared is "error 42501"/,
  },
  {
    name: 'USING lets rows without a market through',
    sql: 'alter policy partner_update on offer using (market_id = (select app.market_id()) or app.market_id() is null)',
    breach: /bulkhead_partner, amber analyst: update offer/,
  },
  {
    name: 'a second permissive policy is added',
    sql: `create policy helpful on image for delete to bulkhead_partner using (true)`,
    breach: /bulkhead_partner, amber owner: delete image/,
  },
  {
    name: 'PUBLIC may read a table',
    sql: 'grant select on plan to public; create policy anybody on plan for select using (true)',
    breach: /policy_table_nobody, none: select plan/,
  },
  {
    name: 'the staff test forgets the surface',
    sql: `create or replace function app.is_operator() returns boolean language sql stable parallel restricted
          return coalesce((app.claims())[2:3] = array['staff', 'operator'], false)`,
    breach: /bulkhead_admin, staff claims on the partner surface: insert staff_user/,
  },
  {
    name: 'roles of a market are all alike',
    sql: `create or replace function app.market_id_as(level text) returns uuid language sql stable parallel restricted
          return nullif((app.claims())[4], '')::uuid`,
    breach: /bulkhead_partner, amber analyst: insert offer /,
  },
];

describe('policy table, with one guard taken away', () => {
  for (const { name, sql, breach } of mutations) {
    it(`tells when ${name}`, async () => {
      const database = await seededDatabase();
      try {
        await withClient(database.superuserUrl, (client) => client.query(sql));
        const roles = ROLES.filter((role) => breach.source.startsWith(`${role},`));
        const { breaches } = await fillPolicyTable(database.superuserUrl, { ...database, roles });
        assert.ok(
          breaches.some((line) => breach.test(line)),
          `not noticed; it said:\n${breaches.slice(0, 10).join('\n')}`,
        );
      } finally {
        await database.drop();
      }
    });
  }
});
