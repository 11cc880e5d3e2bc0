-- Why a support session holds no more, and why a way into one does not: whoever held it is told, with what to do next.
-- widens: function.execute for bulkhead_partner_gate: in which state a support session is, for whoever holds its token or its code

set role bulkhead_context;

-- What has ended a session. `withdrawn`: its market is not active or allows no looks, or its member of staff is not active.
create function app.support_session_fate(holder uuid, session uuid) returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select case
      when opened.end_reason is not null then opened.end_reason
      when opened.expires_at <= statement_timestamp() then 'expired'
      else 'withdrawn'
    end
  from public.support_session as opened
  where opened.market_id = support_session_fate.holder and opened.id = support_session_fate.session
$$;

-- What has become of a one-time link. NULL: there is none with this code, or a newer one has taken its place.
create function app.support_link_fate(digest text) returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select case
      when opened.opened_at is not null then 'used'
      when opened.ended_at is not null then 'over'
      when opened.code_ends_at <= statement_timestamp() then 'late'
      else 'withdrawn'
    end
  from public.support_session as opened
  where opened.code_digest = support_link_fate.digest
$$;

-- Uses a one-time link up. From here on the time runs. The digest stays, so that a second use is told from a mistyped code.
create or replace function app.open_support_session(digest text, receipt text)
returns table (market_id uuid, id uuid, expires_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  opened public.support_session;
begin
  update public.support_session as waiting
    set opened_at = statement_timestamp(), expires_at = statement_timestamp() + make_interval(mins => waiting.minutes)
    from app.support_session_of(open_support_session.digest) as found
    where waiting.market_id = found.market_id and waiting.id = found.id
      and waiting.code_digest = open_support_session.digest and waiting.opened_at is null and waiting.ended_at is null
    returning waiting.* into opened;
  if not found then
    return;
  end if;
  perform app.note_support_session(opened, 'support-session.open', open_support_session.receipt);
  return query select opened.market_id, opened.id, opened.expires_at;
end
$$;

revoke all on function app.support_session_fate(uuid, uuid), app.support_link_fate(text) from public;
grant execute on function app.support_session_fate(uuid, uuid), app.support_link_fate(text) to bulkhead_partner_gate;
reset role;
