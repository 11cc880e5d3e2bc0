-- Support sessions: staff look at one market through the partner process, as the partner's own database role, in
-- transactions that can't write. Whether one still holds is asked of its row at each statement.
-- widens: market.* for *: the new column that says whether staff may look; owners set it, and the context's functions ask it
-- widens: staff_user.select for bulkhead_context: a support session ends with the account of who opened it

alter table market
  add column support_consent text not null default 'ask',
  add constraint market_support_consent_check check (support_consent in ('always', 'ask', 'never'));
grant update (support_consent) on market to bulkhead_partner;
-- With the rest of a new market; from then on it is its owner's.
grant insert (support_consent) on market to bulkhead_admin;
grant select (support_consent) on market to bulkhead_context;

create table support_session (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  staff_user_id uuid not null,
  staff_role text not null,
  reason text not null,
  ticket text not null,
  minutes integer not null,
  consent text not null,
  -- Nobody may write it.
  requested_at timestamptz(3) not null default statement_timestamp(),
  decided_at timestamptz(3),
  decided_by uuid,
  code_digest text,
  code_ends_at timestamptz(3),
  opened_at timestamptz(3),
  expires_at timestamptz(3),
  ended_at timestamptz(3),
  end_reason text,

  constraint support_session_pkey primary key (market_id, id),
  constraint support_session_staff_role_check check (staff_role in ('operator', 'support')),
  constraint support_session_reason_check check (char_length(reason) between 3 and 500),
  constraint support_session_ticket_check check (char_length(ticket) between 1 and 80),
  constraint support_session_minutes_check check (minutes between 5 and 60),
  constraint support_session_consent_check check (consent in ('not-needed', 'asked', 'granted', 'refused')),
  constraint support_session_opened_check check ((opened_at is null) = (expires_at is null)),
  constraint support_session_allowed_check check (opened_at is null or consent in ('not-needed', 'granted')),
  constraint support_session_ended_check check ((ended_at is null) = (end_reason is null)),
  constraint support_session_end_reason_check check (end_reason in ('ended', 'stopped', 'expired', 'refused', 'lapsed')),
  constraint support_session_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action,
  constraint support_session_staff_user_id_fkey foreign key (staff_user_id) references staff_user(id) on delete restrict on update no action
);
create index support_session_market_id_requested_at_id_idx on support_session(market_id, requested_at, id);
create index support_session_requested_at_id_idx on support_session(requested_at, id);
create index support_session_code_digest_idx on support_session(code_digest);
alter table support_session
  alter column staff_role set statistics 0,
  alter column reason set statistics 0,
  alter column ticket set statistics 0,
  alter column minutes set statistics 0,
  alter column consent set statistics 0,
  alter column code_digest set statistics 0,
  alter column end_reason set statistics 0;
alter table market alter column support_consent set statistics 0;

set role bulkhead_context;

-- {surface, actor kind, role, market, actor id, market on the partner surface, market on the public surface,
--  publishable key, shopper, market on the device surface, device}, or NULL at any doubt. From the sixth on they are
-- NULL where they do not apply. A support session's statement counts only where nothing can be written, and while its
-- row says so: what is read committed, so that the next statement sees what has become of it meanwhile.
create or replace function app.claims() returns text[]
language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  context constant text := current_setting('app.context', true);
  part text[];
  signing record;
  mac bytea;
begin
  if context is null or context = '' or length(context) > 400 then
    return null;
  end if;
  part := string_to_array(context, '|');
  if cardinality(part) <> 10 or part[1] <> 'v1' then
    return null;
  end if;
  select surface, inner_pad, outer_pad, binds_pid into signing
    from vault.context_key where kid = part[2] and retired_at is null;
  if not found or signing.surface <> part[3] then
    return null;
  end if;
  mac := sha256(signing.outer_pad || sha256(signing.inner_pad
    || convert_to(left(context, length(context) - length(part[10]) - 1), 'UTF8')));
  if sha256(convert_to(encode(mac, 'hex'), 'UTF8')) <> sha256(convert_to(part[10], 'UTF8')) then
    return null;
  end if;
  -- Below here every part was written by a process that holds the key.
  if signing.binds_pid and part[8]::integer <> pg_backend_pid() then
    return null;
  end if;
  if part[9]::bigint < extract(epoch from statement_timestamp()) then
    return null;
  end if;
  if part[5] = 'support' then
    if part[3] <> 'partner' or part[7] <> 'analyst' then
      return null;
    end if;
    if current_setting('transaction_read_only') <> 'on' then
      return null;
    end if;
    if current_setting('transaction_isolation') <> 'read committed' then
      return null;
    end if;
    perform from public.support_session as opened
      join public.market on market.id = opened.market_id
      join public.staff_user on staff_user.id = opened.staff_user_id
      where opened.market_id = part[4]::uuid and opened.id = part[6]::uuid
        and opened.ended_at is null and opened.expires_at > statement_timestamp()
        and opened.consent in ('not-needed', 'granted') and market.support_consent <> 'never'
        and market.state = 'active' and staff_user.state = 'active';
    if not found then
      return null;
    end if;
  end if;
  return array[
    part[3], part[5], part[7], part[4], part[6],
    case when part[3] = 'partner' then nullif(part[4], '') end,
    case when part[3] = 'public' then nullif(part[4], '') end,
    case when part[3] = 'public' and part[5] = 'key' then part[6] end,
    case when part[3] = 'public' and part[5] = 'shopper' then part[6] end,
    case when part[3] = 'device' then nullif(part[4], '') end,
    case when part[3] = 'device' and part[5] = 'device' then part[6] end
  ];
end
$$;

-- What an end or an answer says stays said, and only who asked for a session gets a way in, once.
create function app.keep_support_session() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if old.ended_at is not null and new is distinct from old then
    raise exception 'a support session that has ended stays it' using errcode = 'BH050';
  end if;
  if new.consent <> old.consent and old.consent <> 'asked' then
    raise exception 'this support session has been answered' using errcode = 'BH051';
  end if;
  if old.opened_at is not null and (new.opened_at, new.expires_at) is distinct from (old.opened_at, old.expires_at) then
    raise exception 'a support session is not opened twice' using errcode = 'BH052';
  end if;
  if new.code_digest is not null and new.code_digest is distinct from old.code_digest
    and (old.opened_at is not null or new.consent not in ('not-needed', 'granted')
      or old.staff_user_id is distinct from app.actor_id())
  then
    raise exception 'there is no way into this support session for you' using errcode = 'BH053';
  end if;
  return new;
end
$$;

-- The session that a one-time link leads to, while it holds.
create function app.support_session_of(digest text)
returns table (market_id uuid, id uuid, name_en text, name_ar text, reason text, ticket text, minutes integer)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select opened.market_id, opened.id, market.name_en, market.name_ar, opened.reason, opened.ticket, opened.minutes
  from public.support_session as opened
    join public.market on market.id = opened.market_id
    join public.staff_user on staff_user.id = opened.staff_user_id
  where opened.code_digest = support_session_of.digest and opened.code_ends_at > statement_timestamp()
    and opened.opened_at is null and opened.ended_at is null and opened.consent in ('not-needed', 'granted')
    and market.support_consent <> 'never' and market.state = 'active' and staff_user.state = 'active'
$$;

-- An entry of the session itself, in whose name it looks.
create function app.note_support_session(opened public.support_session, action text, receipt text) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into public.audit_entry (market_id, id, at, surface, actor_kind, actor_id, actor_name, action, subject_type,
    subject_id, details, receipt)
  values (opened.market_id, app.uuid_at(clock_timestamp()), clock_timestamp(), 'partner', 'support', opened.id, 'Support',
    note_support_session.action, 'support-session', opened.id::text,
    jsonb_build_object('reason', opened.reason, 'ticket', opened.ticket, 'role', opened.staff_role),
    note_support_session.receipt)
$$;

-- Uses a one-time link up. From here on the time runs.
create function app.open_support_session(digest text, receipt text)
returns table (market_id uuid, id uuid, expires_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  opened public.support_session;
begin
  update public.support_session as waiting
    set opened_at = statement_timestamp(), expires_at = statement_timestamp() + make_interval(mins => waiting.minutes),
      code_digest = null, code_ends_at = null
    from app.support_session_of(open_support_session.digest) as found
    where waiting.market_id = found.market_id and waiting.id = found.id
      and waiting.code_digest = open_support_session.digest
    returning waiting.* into opened;
  if not found then
    return;
  end if;
  perform app.note_support_session(opened, 'support-session.open', open_support_session.receipt);
  return query select opened.market_id, opened.id, opened.expires_at;
end
$$;

-- The end that the operator chose from within the session. Returns whether it was still open.
create function app.end_support_session(holder uuid, session uuid, receipt text) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  ended public.support_session;
begin
  update public.support_session as opened set ended_at = statement_timestamp(), end_reason = 'ended'
    where opened.market_id = end_support_session.holder and opened.id = end_support_session.session
      and opened.ended_at is null
    returning opened.* into ended;
  if not found then
    return false;
  end if;
  perform app.note_support_session(ended, 'support-session.end', end_support_session.receipt);
  return true;
end
$$;

-- Ends what time has ended, with an entry each, and requests that nobody answered or used within a day.
create function app.expire_support_sessions() returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  over public.support_session;
  counted integer := 0;
begin
  for over in
    update public.support_session as opened
      set ended_at = coalesce(opened.expires_at, statement_timestamp()),
        end_reason = case when opened.opened_at is null then 'lapsed' else 'expired' end
      where opened.ended_at is null and (opened.expires_at <= statement_timestamp()
        or (opened.opened_at is null and opened.requested_at < statement_timestamp() - interval '1 day'))
      returning opened.*
  loop
    perform app.note_support_session(over,
      case when over.opened_at is null then 'support-session.lapse' else 'support-session.expire' end, '');
    counted := counted + 1;
  end loop;
  return counted;
end
$$;

revoke all on function app.keep_support_session(), app.support_session_of(text),
  app.note_support_session(public.support_session, text, text), app.open_support_session(text, text),
  app.end_support_session(uuid, uuid, text), app.expire_support_sessions() from public;
grant execute on function app.keep_support_session() to bulkhead_owner;
grant execute on function app.support_session_of(text), app.open_support_session(text, text),
  app.end_support_session(uuid, uuid, text), app.expire_support_sessions() to bulkhead_partner_gate;
reset role;

create trigger support_session_kept before update on support_session
  for each row execute function app.keep_support_session();

create policy context_select on staff_user for select to bulkhead_context
  using (true);
grant select (
  id, state
) on staff_user to bulkhead_context;

alter table support_session enable row level security;
alter table support_session force row level security;
create policy partner_select on support_session for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select (
  market_id, id, staff_role, reason, ticket, minutes, requested_at, decided_at, decided_by, consent, opened_at, expires_at, ended_at, end_reason
) on support_session to bulkhead_partner;
create policy partner_update on support_session for update to bulkhead_partner
  using ((market_id = (select app.market_id_as('manager'))))
  with check ((market_id = (select app.market_id_as('manager'))));
grant update (
  consent, decided_at, decided_by, ended_at, end_reason
) on support_session to bulkhead_partner;
create policy admin_select on support_session for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on support_session to bulkhead_admin;
create policy admin_insert on support_session for insert to bulkhead_admin
  with check (((select app.is_staff()) and (staff_user_id = (select app.actor_id())) and (staff_role = (select case when app.is_operator() then 'operator' else 'support' end as word)) and (consent = (select case market.support_consent when 'always' then 'not-needed' when 'ask' then 'asked' else null end as word from market where (market.id = support_session.market_id)))));
grant insert (
  market_id, id, staff_user_id, staff_role, reason, ticket, minutes, consent
) on support_session to bulkhead_admin;
create policy admin_update on support_session for update to bulkhead_admin
  using ((select app.is_staff()))
  with check ((select app.is_staff()));
grant update (
  code_digest, code_ends_at, ended_at, end_reason
) on support_session to bulkhead_admin;
create policy context_select on support_session for select to bulkhead_context
  using (true);
grant select on support_session to bulkhead_context;
create policy context_update on support_session for update to bulkhead_context
  using (true)
  with check (true);
grant update (
  code_digest, code_ends_at, opened_at, expires_at, ended_at, end_reason
) on support_session to bulkhead_context;
