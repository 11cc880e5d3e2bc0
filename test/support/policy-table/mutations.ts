/** One guard taken away, and what the policy table has to say about it. */
export interface Mutation {
  readonly name: string;
  readonly sql: string;
  /** The role and the context that get further without the guard. */
  readonly at: readonly [role: string, context: string];
  readonly breach: RegExp;
}

/** Replaces one piece of a function's text; fails when it is not there. */
export const inFunction = (name: string, from: string, to: string): string => `
  do $do$ declare old text := pg_get_functiondef('app.${name}()'::regprocedure); new text; begin
    new := replace(old, $from$${from}$from$, $to$${to}$to$);
    if new = old then raise 'nothing replaced in app.${name}()'; end if;
    execute new;
  end $do$`;

const inClaims = (from: string, to: string): string => inFunction('claims', from, to);

export const portalMutations: Mutation[] = [
  {
    name: 'a policy is gone',
    sql: 'drop policy partner_select on offer',
    at: ['bulkhead_partner', 'amber owner'],
    breach: /^select offer .* gave "rows "/,
  },
  {
    name: 'row-level security is switched off',
    sql: 'alter table branch disable row level security',
    at: ['bulkhead_partner', 'none'],
    breach: /^select branch/,
  },
  {
    name: 'row-level security no longer binds the owner',
    sql: 'alter table offer_event no force row level security',
    at: ['bulkhead_owner', 'none'],
    breach: /^select offer_event/,
  },
  {
    name: 'the MAC is not compared',
    sql: inClaims(
      "if sha256(convert_to(encode(mac, 'hex'), 'UTF8')) <>",
      "if false and sha256(convert_to(encode(mac, 'hex'), 'UTF8')) <>",
    ),
    at: ['bulkhead_partner', 'forged: altered market'],
    breach: /^select offer/,
  },
  {
    name: 'the connection is not compared',
    sql: inClaims('signing.binds_pid and', 'false and'),
    at: ['bulkhead_partner', 'stolen from another connection'],
    breach: /^select offer/,
  },
  {
    name: 'the end is not compared',
    sql: inClaims('part[9]::bigint <', 'false and part[9]::bigint <'),
    at: ['bulkhead_partner', 'expired'],
    breach: /^select offer/,
  },
  {
    name: 'a retired key still counts',
    sql: inClaims('and retired_at is null', ''),
    at: ['bulkhead_partner', 'retired key'],
    breach: /^select offer/,
  },
  {
    name: 'a key signs for any surface',
    sql: inClaims('not found or signing.surface <> part[3]', 'not found'),
    at: ['bulkhead_admin', 'wrong surface: staff by the partner key'],
    breach: /^select offer/,
  },
  {
    name: 'WITH CHECK is widened',
    sql: 'alter policy partner_insert on branch with check (true)',
    at: ['bulkhead_partner', 'amber owner'],
    breach: /^insert branch .* gave "affected 1", declared is "error 42501"/,
  },
  {
    name: 'USING lets rows without a market through',
    sql: 'alter policy partner_update on offer using (market_id = (select app.market_id()) or app.market_id() is null)',
    at: ['bulkhead_partner', 'amber analyst'],
    breach: /^update offer/,
  },
  {
    name: 'a second permissive policy is added',
    sql: `create policy helpful on image for delete to bulkhead_partner using (true)`,
    at: ['bulkhead_partner', 'amber owner'],
    breach: /^delete image/,
  },
  {
    name: 'PUBLIC may read a table',
    sql: 'grant select on plan to public; create policy anybody on plan for select using (true)',
    at: ['policy_table_nobody', 'none'],
    breach: /^select plan/,
  },
  {
    name: 'the staff test forgets the surface',
    sql: `create or replace function app.is_operator() returns boolean language sql stable parallel restricted
          return coalesce((app.claims())[2:3] = array['staff', 'operator'], false)`,
    at: ['bulkhead_admin', 'staff claims on the partner surface'],
    breach: /^insert staff_user/,
  },
  {
    name: 'roles of a market are all alike',
    sql: `create or replace function app.market_id_as(level text) returns uuid language sql stable parallel restricted
          return nullif((app.claims())[4], '')::uuid`,
    at: ['bulkhead_partner', 'amber analyst'],
    breach: /^insert offer /,
  },
];
