-- For whom somebody acted, and what it changed, also in the entries that the database writes itself; an entry for each page
-- that a support session looks at; and one for whoever takes up an invitation.
-- widens: audit_entry.insert for bulkhead_public: what a shopper changed of themselves, before and after
-- widens: audit_entry.insert for bulkhead_sync: the branch that a till acts for, and what it changed
-- widens: audit_entry.insert for bulkhead_context: for whom a till was paired or a support session acts, and what it changed
-- widens: platform_audit_entry.insert for bulkhead_admin_gate: what became of somebody who took up an invitation to the staff
-- widens: platform_audit_entry.insert for bulkhead_partner_gate: which support session was refused something

grant insert (
  changes
) on audit_entry to bulkhead_public;
grant insert (
  on_behalf_of, changes
) on audit_entry to bulkhead_sync;
grant insert (
  on_behalf_of, support_session_id, changes
) on audit_entry to bulkhead_context;
grant insert (
  support_session_id
) on platform_audit_entry to bulkhead_partner_gate;
grant insert (
  changes
) on platform_audit_entry to bulkhead_admin_gate;

set role bulkhead_context;

-- For whoever made the code.
create or replace function app.pair_device(digest text, public_key jsonb, thumbprint text, app_version text, receipt text)
returns table (market_id uuid, device_id uuid)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  pairing public.device_pairing;
begin
  update public.device_pairing as opened set used_at = statement_timestamp()
    from public.market
    where opened.code_digest = pair_device.digest and opened.used_at is null
      and opened.expires_at > statement_timestamp()
      and market.id = opened.market_id and market.state = 'active'
    returning opened.* into pairing;
  if not found then
    return query select device.market_id, device.id
      from public.device_pairing as used
        join public.device on device.market_id = used.market_id and device.id = used.id
        join public.market on market.id = used.market_id
      where used.code_digest = pair_device.digest and used.expires_at > statement_timestamp()
        and device.thumbprint = pair_device.thumbprint and device.state = 'active' and market.state = 'active';
    return;
  end if;
  insert into public.device (market_id, id, branch_id, name, public_key, thumbprint, app_version, created_by)
    values (pairing.market_id, pairing.id, pairing.branch_id, pairing.name,
      pair_device.public_key, pair_device.thumbprint, pair_device.app_version, pairing.created_by);
  insert into public.audit_entry (market_id, id, at, surface, actor_kind, actor_id, actor_name, action,
      subject_type, subject_id, details, receipt, on_behalf_of, changes)
    values (pairing.market_id, app.uuid_at(statement_timestamp()), statement_timestamp(), 'device', 'device', pairing.id,
      pairing.name, 'device.pair', 'device', pairing.id, jsonb_build_object('name', pairing.name), pair_device.receipt,
      'member:' || pairing.created_by, jsonb_build_object('name', jsonb_build_object('after', pairing.name),
        'branchId', jsonb_build_object('after', pairing.branch_id), 'state', jsonb_build_object('after', 'active')));
  return query select pairing.market_id, pairing.id;
end
$$;

-- An entry of the session itself, in whose name it looks.
create or replace function app.note_support_session(opened public.support_session, action text, receipt text) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into public.audit_entry (market_id, id, at, surface, actor_kind, actor_id, actor_name, action, subject_type,
    subject_id, details, receipt, on_behalf_of, support_session_id, changes)
  values (opened.market_id, app.uuid_at(clock_timestamp()), clock_timestamp(), 'partner', 'support', opened.id, 'Support',
    note_support_session.action, 'support-session', opened.id::text,
    jsonb_build_object('reason', opened.reason, 'ticket', opened.ticket, 'role', opened.staff_role),
    note_support_session.receipt, 'platform', opened.id,
    case when opened.ended_at is null
      then jsonb_build_object('openedAt', jsonb_build_object('before', null, 'after', opened.opened_at),
        'expiresAt', jsonb_build_object('before', null, 'after', opened.expires_at))
      else jsonb_build_object('endedAt', jsonb_build_object('before', null, 'after', opened.ended_at),
        'endReason', jsonb_build_object('before', null, 'after', opened.end_reason))
    end)
$$;

-- The receipt says which rows; this entry says that somebody looked, for as long as the trail is kept.
create function app.note_support_read() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.audit_entry (market_id, id, at, surface, actor_kind, actor_id, actor_name, action, subject_type,
      subject_id, details, receipt, on_behalf_of, support_session_id)
    values (new.market_id, app.uuid_at(new.at), new.at, 'partner', 'support', new.support_session_id, 'Support',
      'support-session.read', 'support-session', new.support_session_id::text,
      jsonb_build_object('method', new.method, 'route', new.route, 'status', new.status, 'models', to_jsonb(new.models)),
      new.id::text, 'platform', new.support_session_id);
  return null;
end
$$;

drop function app.accept_invitation(text, uuid);
create function app.accept_invitation(secret text, person uuid, receipt text)
returns table (market_id uuid, member_id uuid)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
begin atomic
  with joined as (
    update public.team_member as member
    set user_id = accept_invitation.person, state = 'active', joined_at = statement_timestamp()
    where member.invitation_digest = encode(sha256(convert_to(secret, 'UTF8')), 'hex')
      and member.state = 'invited'
      and member.invitation_ends_at > statement_timestamp()
    returning member.market_id, member.id, member.name
  ), noted as (
    insert into public.audit_entry (market_id, id, at, surface, actor_kind, actor_id, actor_name, action, subject_type,
        subject_id, receipt, changes)
      select joined.market_id, app.uuid_at(statement_timestamp()), statement_timestamp(), 'partner', 'partner', joined.id,
        joined.name, 'member.join', 'member', joined.id::text, accept_invitation.receipt,
        jsonb_build_object('state', jsonb_build_object('before', 'invited', 'after', 'active'))
      from joined
  )
  select joined.market_id, joined.id from joined;
end;

revoke all on function app.note_support_read(), app.accept_invitation(text, uuid, text) from public;
grant execute on function app.note_support_read() to bulkhead_owner;
grant execute on function app.accept_invitation(text, uuid, text) to bulkhead_partner_gate;
grant create on schema app to bulkhead_sync;
reset role;
set role bulkhead_sync;

-- As before; a till acts for the branch it stands in.
create or replace function app.settle_redemptions() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  own record;
  instant constant timestamptz(3) := statement_timestamp();
  covered uuid[];
  others uuid[];
  refused uuid[];
begin
  select fresh.market_id, fresh.device_id, fresh.branch_id, device.name into own
    from fresh join public.device on device.market_id = fresh.market_id and device.id = fresh.device_id limit 1;
  if not found then
    return null;
  end if;
  covered := app.use_leases(own.market_id, own.device_id,
    array(select fresh.id from fresh where fresh.lease_id is not null order by fresh.id),
    array(select fresh.lease_id from fresh where fresh.lease_id is not null order by fresh.id));
  others := array(select fresh.id from fresh where fresh.id <> all (covered) order by fresh.id);
  if cardinality(others) > 0 then
    refused := others[app.try_quota('sync_pushes', cardinality(others), instant) + 1:];
    delete from public.redemption
      where redemption.market_id = own.market_id and redemption.device_id = own.device_id and redemption.id = any (refused);
  end if;
  perform from public.claim
    where claim.market_id = own.market_id
      and claim.code in (select fresh.code from fresh where fresh.id <> all (coalesce(refused, '{}')))
    order by claim.id for no key update;
  with found_claim as (
    select fresh.id, fresh.code, fresh.receipt, claim.id as claim_id, claim.offer_id, claim.state, claim.expires_at,
      claim.redeemed_at as redeemed_before, claim.device_id as redeemed_on,
      least(instant, greatest(fresh.device_at - fresh.skew_ms * interval '1 millisecond', claim.claimed_at,
        instant - interval '30 days')) as told_at,
      exists (
        select from public.sync_reach as reach
        where reach.market_id = claim.market_id and reach.offer_id = claim.offer_id and reach.holds
          and reach.branch_id in (own.branch_id, '00000000-0000-0000-0000-000000000000')
      ) as holds
    from fresh left join public.claim on claim.market_id = own.market_id and claim.code = fresh.code
    where fresh.id <> all (coalesce(refused, '{}'))
  ), judged as (
    select found_claim.*, case
        when claim_id is null then 'unknown'
        when not holds then 'elsewhere'
        when state = 'cancelled' then 'cancelled'
        when state = 'redeemed' then 'redeemed'
        when expires_at <= told_at then 'expired'
      end as fault
    from found_claim
  ), turned as (
    select judged.*, row_number() over (partition by code, fault is null order by id) as turn,
      first_value(told_at) over (partition by code, fault is null order by id) as first_at
    from judged
  ), decided as materialized (
    select id, code, receipt, claim_id, offer_id, told_at,
      case when fault is null and turn > 1 then 'redeemed' else fault end as kind,
      case when fault is null then first_at else redeemed_before end as redeemed_before,
      case when fault is null or redeemed_on = own.device_id then 'self' when redeemed_on is null then 'portal' else 'till' end as redeemed_by
    from turned
  ), applied as (
    update public.claim
      set state = 'redeemed', redeemed_at = decided.told_at, branch_id = own.branch_id, device_id = own.device_id
      from decided
      where decided.kind is null and claim.market_id = own.market_id and claim.id = decided.claim_id
  ), audited as (
    insert into public.audit_entry (market_id, id, at, surface, actor_kind, actor_id, actor_name, action, subject_type,
        subject_id, details, receipt, on_behalf_of, changes)
      select own.market_id, app.uuid_at(instant), instant, 'device', 'device', own.device_id, own.name,
        case when kind is null then 'claim.redeem' else 'redemption.conflict' end,
        case when kind is null then 'claim' else 'redemption' end, coalesce(case when kind is null then claim_id end, id),
        jsonb_strip_nulls(jsonb_build_object('code', code, 'offerId', offer_id, 'kind', kind)), receipt,
        'branch:' || own.branch_id,
        case when kind is null
          then jsonb_build_object('state', jsonb_build_object('before', 'open', 'after', 'redeemed'),
            'branchId', jsonb_build_object('before', null, 'after', own.branch_id))
          else jsonb_build_object('state', jsonb_build_object('after', 'conflict'), 'kind', jsonb_build_object('after', kind))
        end
      from decided
  )
  update public.redemption
    set state = case when decided.kind is null then 'applied' else 'conflict' end,
      kind = decided.kind, claim_id = decided.claim_id, redeemed_at = decided.told_at,
      -- A till is not told whether a code that is none of its branch's is any other's.
      answer = jsonb_strip_nulls(case
        when decided.kind is null then jsonb_build_object('redeemedAt', decided.told_at)
        when decided.kind in ('unknown', 'elsewhere') then jsonb_build_object('kind', 'unknown')
        when decided.kind = 'redeemed' then jsonb_build_object('kind', 'redeemed', 'redeemedAt', decided.redeemed_before,
          'redeemedBy', decided.redeemed_by)
        else jsonb_build_object('kind', decided.kind)
      end)
    from decided
    where redemption.market_id = own.market_id and redemption.device_id = own.device_id and redemption.id = decided.id;
  return null;
end
$$;

reset role;
set role bulkhead_context;
revoke create on schema app from bulkhead_sync;
reset role;

create trigger receipt_support_noted after insert on receipt for each row
  when (new.support_session_id is not null and new.method in ('GET', 'HEAD')) execute function app.note_support_read();
