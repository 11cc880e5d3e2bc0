import type { RuleId } from '../../../server/db/guard/rules.ts';
import { inFunction } from '../policy-table/mutations.ts';

/** One guard taken away by a superuser, and the rule that has to name it. */
export interface Fault {
  readonly name: string;
  readonly sql: string;
  readonly rule: RuleId;
  /** Rules that it breaks as well. */
  readonly also?: readonly RuleId[];
  /** What only an attack notices, or notices as well. */
  readonly probes: readonly RuleId[];
  /** Nobody can sign in any more: the command, which stands outside, is what is left to say why. */
  readonly locksOut?: true;
}

const fault = (name: string, rule: RuleId, sql: string, ...probes: RuleId[]): Fault => ({
  ...{ name, rule, sql, probes },
});

const inClaims = (from: string, to: string) => inFunction('claims', from, to);
/** The rows of all markets are in reach of what `verb` may do to them. */
const open = (table: string, verb: 'update' | 'delete') =>
  `alter policy partner_select on ${table} using (true); alter policy partner_${verb} on ${table} using (true)`;
const WIDE = `create policy wide on branch for select to bulkhead_partner using (true)`;

export const faults: readonly Fault[] = [
  // Tables and policies.
  fault(
    'row-level security is off',
    'BH-RLS-001',
    'alter table branch disable row level security',
    'BH-PRB-001',
  ),
  fault(
    'row-level security does not bind the owner',
    'BH-RLS-002',
    'alter table offer_event no force row level security',
  ),
  fault('a table that nobody declared', 'BH-RLS-003', 'create table stray (id uuid primary key)'),
  fault('a declared table is gone', 'BH-RLS-004', 'drop table image cascade'),
  fault('a policy is gone', 'BH-POL-001', 'drop policy partner_select on device'),
  fault('a second permissive policy', 'BH-POL-002', WIDE, 'BH-PRB-001'),
  fault(
    'a policy says OR true',
    'BH-POL-003',
    `alter policy partner_select on offer using ((market_id = (select app.market_id())) or true)`,
    'BH-PRB-002',
  ),
  fault(
    'a policy is true for all',
    'BH-POL-004',
    'alter policy partner_select on audit_entry using (true)',
    'BH-PRB-009',
  ),
  fault(
    'WITH CHECK is widened',
    'BH-POL-003',
    'alter policy partner_insert on branch with check (true)',
    'BH-PRB-003',
  ),
  fault(
    'rows of other markets may be overwritten',
    'BH-POL-003',
    `${open('branch', 'update')} with check (true); alter policy partner_insert on branch with check (true)`,
    'BH-PRB-008',
  ),
  fault(
    'rows of other markets may be changed',
    'BH-POL-003',
    `${open('branch', 'update')} with check (true)`,
    'BH-PRB-004',
  ),
  fault('rows of other markets may be deleted', 'BH-POL-003', open('offer_branch', 'delete'), 'BH-PRB-005'),
  fault(
    'rows may be given to another market',
    'BH-GRA-006',
    `${open('branch', 'update')} with check (true); grant update (market_id) on branch to bulkhead_partner`,
    'BH-PRB-006',
  ),
  fault(
    'a policy is restrictive',
    'BH-POL-002',
    'create policy narrow on branch as restrictive for select to bulkhead_partner using (true)',
  ),
  // Grants.
  fault('a grant too much', 'BH-GRA-001', 'grant delete on audit_entry to bulkhead_partner'),
  fault('a grant is missing', 'BH-GRA-002', 'revoke select on category from bulkhead_partner'),
  fault('a column grant too much', 'BH-GRA-003', 'grant update (decision) on offer to bulkhead_partner'),
  fault('PUBLIC reads a table', 'BH-GRA-004', 'grant select on plan to public'),
  fault('TRUNCATE', 'BH-GRA-005', 'grant truncate on offer to bulkhead_partner'),
  fault('market_id may be updated', 'BH-GRA-006', 'grant update (market_id) on branch to bulkhead_partner'),
  fault(
    'grants on tables to come',
    'BH-GRA-007',
    'alter default privileges for role bulkhead_owner grant select on tables to bulkhead_partner',
  ),
  fault(
    'the vault is read',
    'BH-CTX-004',
    'grant usage on schema vault to bulkhead_partner; grant select on vault.context_key to bulkhead_partner',
  ),
  // Roles.
  fault('a login is a superuser', 'BH-ROL-002', 'alter role bulkhead_device superuser'),
  fault(
    'a login bypasses row-level security',
    'BH-ROL-003',
    'alter role bulkhead_partner bypassrls',
    'BH-PRB-001',
  ),
  fault('a login may create roles', 'BH-ROL-004', 'alter role bulkhead_admin_gate createrole'),
  fault('a login may become another', 'BH-ROL-005', 'grant bulkhead_admin to bulkhead_partner'),
  fault('an owner of functions may log in', 'BH-ROL-006', 'alter role bulkhead_context login'),
  fault(
    'a login’s defaults are changed',
    'BH-ROL-007',
    'alter role bulkhead_partner_gate reset statement_timeout',
  ),
  fault(
    'a stranger may become a login',
    'BH-ROL-008',
    'drop role if exists bulkhead_stranger; create role bulkhead_stranger; grant bulkhead_partner to bulkhead_stranger',
  ),
  fault('a login may make tables', 'BH-ROL-009', 'grant create on schema public to bulkhead_partner'),
  fault(
    'a login may make temporary tables',
    'BH-ROL-009',
    `do $$ begin execute format('grant temporary on database %I to bulkhead_public', current_database()); end $$`,
  ),
  fault(
    'other sessions are shown',
    'BH-ROL-010',
    'grant execute on function pg_stat_get_activity(integer) to public',
  ),
  // Functions.
  fault(
    'a function that nobody declared',
    'BH-FUN-001',
    'create function app.helper() returns int language sql as $$ select 1 $$',
  ),
  fault('a function is gone', 'BH-FUN-002', 'drop function app.count_cohorts()'),
  fault('a function of another owner', 'BH-FUN-003', 'alter function app.take_claim() owner to postgres'),
  fault(
    'a function with the rights of its caller',
    'BH-FUN-004',
    'alter function app.erase_shopper() security invoker',
  ),
  fault('a definer without a search path', 'BH-FUN-005', 'alter function app.claims() reset search_path'),
  fault(
    'an immutable context function',
    'BH-FUN-006',
    'alter function app.market_id() immutable',
    'BH-APP-003',
  ),
  fault(
    'a function for one role too many',
    'BH-FUN-007',
    'grant execute on function app.pair_device(text, jsonb, text, text, text) to bulkhead_public',
  ),
  fault(
    'PUBLIC may execute a function',
    'BH-FUN-008',
    'grant execute on function app.count_cohorts() to public',
  ),
  fault(
    'a definer outside of app',
    'BH-FUN-010',
    `create function public.peek() returns bigint language sql security definer as 'select count(*) from public.offer'`,
  ),
  {
    ...fault(
      'the MAC is not compared',
      'BH-FUN-009',
      inClaims(
        "if sha256(convert_to(encode(mac, 'hex'), 'UTF8')) <>",
        "if false and sha256(convert_to(encode(mac, 'hex'), 'UTF8')) <>",
      ),
      'BH-PRB-009',
    ),
    also: ['BH-CTX-001'],
  },
  {
    ...fault(
      'somebody acts without a context',
      'BH-FUN-009',
      `create or replace function app.actor_id() returns uuid language sql stable parallel restricted
         return coalesce((app.claims())[5]::uuid, '00000000-0000-7000-8000-000000000002')`,
    ),
    also: ['BH-CTX-003'],
  },
  fault(
    'a function for one role too few',
    'BH-FUN-007',
    'revoke execute on function app.is_operator() from bulkhead_device',
    'BH-PRB-011',
  ),
  fault(
    'the connection is not compared',
    'BH-FUN-009',
    inClaims('signing.binds_pid and', 'false and'),
    'BH-PRB-010',
  ),
  fault(
    'the end is not compared',
    'BH-FUN-009',
    inClaims('part[9]::bigint <', 'false and part[9]::bigint <'),
    'BH-PRB-010',
  ),
  fault('a retired key counts', 'BH-FUN-009', inClaims('and retired_at is null', '')),
  fault(
    'a key signs for any surface',
    'BH-FUN-009',
    inClaims('not found or signing.surface <> part[3]', 'not found'),
    'BH-CTX-005',
  ),
  {
    ...fault(
      'a key is retired',
      'BH-CTX-002',
      `update vault.context_key set retired_at = now() where surface = 'admin'`,
    ),
    locksOut: true,
  },
  // Triggers.
  fault('a trigger is gone', 'BH-TRG-001', 'drop trigger offer_event_queued on offer_event'),
  fault(
    'a trigger is changed',
    'BH-TRG-002',
    `drop trigger claim_redeemed on claim; create trigger claim_redeemed before update of state on claim for each row execute function app.redeem_claim()`,
  ),
  fault('a trigger is off', 'BH-TRG-003', 'alter table claim disable trigger claim_taken'),
  fault('references are not checked', 'BH-TRG-003', 'alter table branch disable trigger all'),
  fault(
    'a trigger of nobody’s',
    'BH-TRG-004',
    'create trigger odd before update on offer for each row execute function suppress_redundant_updates_trigger()',
  ),
  fault('logins may give their policies up', 'BH-TRG-005', 'drop event trigger bulkhead_keep_policies'),
  // Schema.
  fault(
    'market_id may be NULL',
    'BH-SCH-001',
    'alter table audit_entry drop constraint audit_entry_pkey cascade; alter table audit_entry alter column market_id drop not null',
  ),
  fault('a unique key without market_id', 'BH-SCH-002', 'create unique index by_name on branch (name_en)'),
  fault(
    'a foreign key without market_id',
    'BH-SCH-003',
    `create unique index image_alone on image (id); alter table offer add constraint offer_image_alone foreign key (image_id) references image (id) not valid;
     alter table offer drop constraint offer_market_id_image_id_fkey`,
    'BH-PRB-007',
  ),
  fault(
    'no index leads with market_id',
    'BH-SCH-004',
    'create table lonely (market_id uuid not null, id uuid)',
  ),
  fault(
    'a view with its owner’s rights',
    'BH-SCH-005',
    'create view offers_of_all as select * from offer; grant select on offers_of_all to bulkhead_partner',
  ),
  fault('a materialized view', 'BH-SCH-006', 'create materialized view offers_kept as select * from offer'),
  fault('a rewrite rule', 'BH-SCH-007', 'create rule also as on insert to branch do also select 1'),
  fault('a table of another owner', 'BH-SCH-008', 'alter table branch owner to postgres'),
  fault('statistics are shown', 'BH-SCH-009', 'alter table offer alter column price set statistics 100'),
  fault(
    'a schema to enter',
    'BH-SCH-010',
    'create schema extra; grant usage on schema extra to bulkhead_partner',
  ),
  fault('an extension', 'BH-SCH-011', 'create extension dblink'),
  fault('a publication', 'BH-SCH-012', 'create publication everything for all tables'),
  fault(
    'the server is one that leaks',
    'BH-SRV-001',
    `alter function pg_catalog.current_setting(text) rename to true_setting;
     create function pg_catalog.current_setting(text) returns text language sql stable as
       $$ select case $1 when 'server_version_num' then '170002' else pg_catalog.true_setting($1) end $$`,
  ),
  fault('the catalogue is hidden', 'BH-SRV-003', 'revoke select on pg_publication from public'),
  {
    ...fault(
      'the database switches row-level security off',
      'BH-SRV-002',
      `do $$ begin execute format('alter database %I set row_security = off', current_database()); end $$`,
    ),
    locksOut: true,
  },
];
