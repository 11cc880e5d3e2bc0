-- Messages to shoppers: numbers with an opt-in of their own, campaigns, and who receives them. A page writes drafts;
-- everything else moves by the functions below, whose owner sees addresses of nobody but those who opted in.

create table shopper_phone (
  market_id uuid not null default app.market_id(),
  shopper_id uuid not null,
  phone text not null,
  opted_in_at timestamptz(3),

  constraint shopper_phone_pkey primary key (market_id, shopper_id),
  constraint shopper_phone_phone_check check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  constraint shopper_phone_market_id_shopper_id_fkey foreign key (market_id, shopper_id) references shopper(market_id, id) on delete restrict on update no action
);
alter table shopper_phone alter column phone set statistics 0;
alter table shopper_phone enable row level security;
alter table shopper_phone force row level security;
create policy partner_select on shopper_phone for select to bulkhead_partner
  using (((market_id = (select app.market_id_as('manager'))) and (opted_in_at is not null)));
grant select on shopper_phone to bulkhead_partner;
create policy admin_select on shopper_phone for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on shopper_phone to bulkhead_admin;
create policy public_select on shopper_phone for select to bulkhead_public
  using (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))));
grant select on shopper_phone to bulkhead_public;
create policy public_insert on shopper_phone for insert to bulkhead_public
  with check (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))));
grant insert (
  market_id, shopper_id, phone, opted_in_at
) on shopper_phone to bulkhead_public;
create policy public_update on shopper_phone for update to bulkhead_public
  using (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))))
  with check (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))));
grant update (
  phone, opted_in_at
) on shopper_phone to bulkhead_public;
create policy public_delete on shopper_phone for delete to bulkhead_public
  using (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))));
grant delete on shopper_phone to bulkhead_public;
create policy context_select on shopper_phone for select to bulkhead_context
  using (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))));
grant select on shopper_phone to bulkhead_context;
create policy context_delete on shopper_phone for delete to bulkhead_context
  using (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))));
grant delete on shopper_phone to bulkhead_context;
create policy messenger_select on shopper_phone for select to bulkhead_messenger
  using (((market_id = (select app.signed_market_id())) and (opted_in_at is not null)));
grant select on shopper_phone to bulkhead_messenger;
create policy messenger_update on shopper_phone for update to bulkhead_messenger
  using (((market_id = (select app.signed_market_id())) and (shopper_id = (select app.shopper_id()))))
  with check (((market_id = (select app.signed_market_id())) and (shopper_id = (select app.shopper_id()))));
grant update (
  opted_in_at
) on shopper_phone to bulkhead_messenger;

create table message_campaign (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  offer_id uuid not null,
  channels text[],
  claimed_days integer,
  locale text,
  state text not null default 'draft',
  member_id uuid not null,
  created_at timestamptz(3) not null default current_timestamp,
  send_at timestamptz(3),
  size integer not null default 0,
  confirmed_by uuid,
  confirmed_at timestamptz(3),
  started_at timestamptz(3),
  resume_at timestamptz(3),
  trouble text,
  finished_at timestamptz(3),

  constraint message_campaign_pkey primary key (market_id, id),
  constraint message_campaign_channels_check check (channels is not null and cardinality(channels) between 1 and 2 and channels <@ array['email', 'whatsapp']),
  constraint message_campaign_claimed_days_check check (claimed_days between 1 and 366),
  constraint message_campaign_locale_check check (locale in ('en', 'ar')),
  constraint message_campaign_state_check check (state in ('draft', 'scheduled', 'sending', 'sent', 'cancelled')),
  constraint message_campaign_send_at_check check ((state = 'draft') = (send_at is null)),
  constraint message_campaign_trouble_check check (trouble in ('offer', 'limit', 'access', 'template', 'provider')),
  constraint message_campaign_market_id_offer_id_fkey foreign key (market_id, offer_id) references offer(market_id, id) on delete restrict on update no action,
  constraint message_campaign_market_id_member_id_fkey foreign key (market_id, member_id) references team_member(market_id, id) on delete restrict on update no action
);
create index message_campaign_market_id_created_at_id_idx on message_campaign(market_id, created_at, id);
create index message_campaign_state_send_at_idx on message_campaign(state, send_at);
alter table message_campaign
  alter column channels set statistics 0,
  alter column claimed_days set statistics 0,
  alter column locale set statistics 0,
  alter column size set statistics 0,
  alter column trouble set statistics 0;
alter table message_campaign enable row level security;
alter table message_campaign force row level security;
create policy partner_select on message_campaign for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on message_campaign to bulkhead_partner;
create policy partner_insert on message_campaign for insert to bulkhead_partner
  with check ((market_id = (select app.market_id_as('manager'))));
grant insert (
  market_id, id, offer_id, channels, claimed_days, locale, member_id, created_at
) on message_campaign to bulkhead_partner;
create policy partner_update on message_campaign for update to bulkhead_partner
  using (((market_id = (select app.market_id_as('manager'))) and (state = 'draft')))
  with check (((market_id = (select app.market_id_as('manager'))) and (state = 'draft')));
grant update (
  offer_id, channels, claimed_days, locale
) on message_campaign to bulkhead_partner;
create policy partner_delete on message_campaign for delete to bulkhead_partner
  using (((market_id = (select app.market_id_as('manager'))) and (state = 'draft')));
grant delete on message_campaign to bulkhead_partner;
create policy admin_select on message_campaign for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on message_campaign to bulkhead_admin;
create policy partner_gate_select on message_campaign for select to bulkhead_partner_gate
  using (true);
grant select (
  market_id, id, state, send_at, resume_at
) on message_campaign to bulkhead_partner_gate;
create policy messenger_select on message_campaign for select to bulkhead_messenger
  using ((market_id = (select app.signed_market_id())));
grant select on message_campaign to bulkhead_messenger;
create policy messenger_update on message_campaign for update to bulkhead_messenger
  using ((market_id = (select app.signed_market_id())))
  with check ((market_id = (select app.signed_market_id())));
grant update (
  state, send_at, size, confirmed_by, confirmed_at, started_at, resume_at, trouble, finished_at
) on message_campaign to bulkhead_messenger;

-- No address stands here, and no message id in the clear: one of WhatsApp's has the phone number in it.
create table message_recipient (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  campaign_id uuid not null,
  shopper_id uuid,
  channel text not null,
  locale text not null,
  state text not null default 'queued',
  period date not null,
  queued_at timestamptz(3) not null default current_timestamp,
  attempt_id uuid,
  attempts integer not null default 0,
  attempted_at timestamptz(3),
  provider_digest text,
  opt_out_digest text,
  reason text,
  sent_at timestamptz(3),
  delivered_at timestamptz(3),
  read_at timestamptz(3),
  settled_at timestamptz(3),
  resolved_by uuid,

  constraint message_recipient_pkey primary key (market_id, id),
  constraint message_recipient_channel_check check (channel in ('email', 'whatsapp')),
  constraint message_recipient_locale_check check (locale in ('en', 'ar')),
  constraint message_recipient_state_check check (
    state in ('queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'unknown', 'skipped', 'cancelled')
  ),
  constraint message_recipient_attempt_check check (state <> 'sending' or attempt_id is not null),
  constraint message_recipient_market_id_campaign_id_fkey foreign key (market_id, campaign_id) references message_campaign(market_id, id) on delete restrict on update no action,
  constraint message_recipient_market_id_shopper_id_fkey foreign key (market_id, shopper_id) references shopper(market_id, id) on delete restrict on update no action
);
create unique index message_recipient_market_id_campaign_id_shopper_id_key on message_recipient(market_id, campaign_id, shopper_id);
create index message_recipient_market_id_campaign_id_state_attempts_id_idx on message_recipient(market_id, campaign_id, state, attempts, id);
create index message_recipient_market_id_shopper_id_idx on message_recipient(market_id, shopper_id);
alter table message_recipient
  alter column channel set statistics 0,
  alter column locale set statistics 0,
  alter column attempts set statistics 0,
  alter column provider_digest set statistics 0,
  alter column opt_out_digest set statistics 0,
  alter column reason set statistics 0;
alter table message_recipient enable row level security;
alter table message_recipient force row level security;
create policy partner_select on message_recipient for select to bulkhead_partner
  using ((market_id = (select app.market_id_as('manager'))));
grant select (
  market_id, id, campaign_id, shopper_id, channel, locale, state, queued_at, attempts, attempted_at, reason, sent_at, delivered_at, read_at, settled_at, resolved_by
) on message_recipient to bulkhead_partner;
create policy admin_select on message_recipient for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on message_recipient to bulkhead_admin;
create policy public_select on message_recipient for select to bulkhead_public
  using (((market_id = (select app.public_market_id())) and (shopper_id = (select app.shopper_id()))));
grant select (
  market_id, id, shopper_id, channel, locale, state, queued_at, sent_at, delivered_at, read_at
) on message_recipient to bulkhead_public;
create policy context_select on message_recipient for select to bulkhead_context
  using ((market_id = (select app.signed_market_id())));
grant select (
  market_id, id, shopper_id, provider_digest, opt_out_digest
) on message_recipient to bulkhead_context;
create policy context_update on message_recipient for update to bulkhead_context
  using ((market_id = (select app.signed_market_id())))
  with check ((market_id = (select app.signed_market_id())));
grant update (
  shopper_id, provider_digest, opt_out_digest
) on message_recipient to bulkhead_context;
create policy messenger_select on message_recipient for select to bulkhead_messenger
  using ((market_id = (select app.signed_market_id())));
grant select on message_recipient to bulkhead_messenger;
create policy messenger_insert on message_recipient for insert to bulkhead_messenger
  with check ((market_id = (select app.signed_market_id())));
grant insert (
  market_id, id, campaign_id, shopper_id, channel, locale, period
) on message_recipient to bulkhead_messenger;
create policy messenger_update on message_recipient for update to bulkhead_messenger
  using ((market_id = (select app.signed_market_id())))
  with check ((market_id = (select app.signed_market_id())));
grant update (
  state, period, attempt_id, attempts, attempted_at, provider_digest, opt_out_digest, reason, sent_at, delivered_at, read_at, settled_at, resolved_by
) on message_recipient to bulkhead_messenger;

create policy messenger_select on market for select to bulkhead_messenger
  using ((id = (select app.signed_market_id())));
grant select (
  id, state, time_zone
) on market to bulkhead_messenger;
create policy messenger_select on offer for select to bulkhead_messenger
  using ((market_id = (select app.signed_market_id())));
grant select (
  market_id, id, state, starts_at, ends_at
) on offer to bulkhead_messenger;
create policy messenger_select on shopper for select to bulkhead_messenger
  using ((market_id = (select app.signed_market_id())));
grant select (
  market_id, id, locale
) on shopper to bulkhead_messenger;
create policy messenger_select on claim for select to bulkhead_messenger
  using ((market_id = (select app.signed_market_id())));
grant select (
  market_id, shopper_id, claimed_at
) on claim to bulkhead_messenger;
create policy messenger_select on shopper_contact for select to bulkhead_messenger
  using (((market_id = (select app.signed_market_id())) and (opted_in_at is not null)));
grant select on shopper_contact to bulkhead_messenger;
create policy messenger_update on shopper_contact for update to bulkhead_messenger
  using (((market_id = (select app.signed_market_id())) and (shopper_id = (select app.shopper_id()))))
  with check (((market_id = (select app.signed_market_id())) and (shopper_id = (select app.shopper_id()))));
grant update (
  opted_in_at
) on shopper_contact to bulkhead_messenger;


set role bulkhead_context;
grant create on schema app to bulkhead_messenger;
grant execute on function app.claims(), app.market_id(), app.market_id_as(text), app.actor_id(), app.signed_market_id(),
  app.shopper_id(), app.uuid_at(timestamptz) to bulkhead_messenger;

-- Deletes the shopper of the signed context with everything that says who it was. Open claims go back to the offer;
-- redeemed ones stay, without the person, and so does what was sent.
create or replace function app.erase_shopper() returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  market constant uuid := app.public_market_id();
  self constant uuid := app.shopper_id();
begin
  if market is null or self is null then
    return false;
  end if;
  update public.offer_claims as counter set claimed = greatest(counter.claimed - given_back.number, 0)
    from (
      select claim.offer_id, count(*)::int as number from public.claim
      where claim.market_id = market and claim.shopper_id = self and claim.state = 'open'
      group by claim.offer_id
    ) as given_back
    where counter.market_id = market and counter.offer_id = given_back.offer_id;
  delete from public.claim where claim.market_id = market and claim.shopper_id = self and claim.state <> 'redeemed';
  update public.claim set shopper_id = null where claim.market_id = market and claim.shopper_id = self;
  update public.message_recipient as sent set shopper_id = null, provider_digest = null, opt_out_digest = null
    where sent.market_id = market and sent.shopper_id = self;
  delete from public.shopper_session as session where session.market_id = market and session.shopper_id = self;
  delete from public.shopper_phone as phone where phone.market_id = market and phone.shopper_id = self;
  delete from public.shopper_contact as contact where contact.market_id = market and contact.shopper_id = self;
  delete from public.shopper where shopper.market_id = market and shopper.id = self;
  return found;
end
$$;
reset role;

set role bulkhead_limits;
grant execute on function app.take_quota(text, integer, timestamptz), app.return_quota(text, date, integer)
  to bulkhead_messenger;
reset role;

set role bulkhead_messenger;

-- The market of a job's context. No request has one: an injected statement can neither read addresses through the
-- functions that ask for it, nor say that something was sent.
create function app.messaging_market() returns uuid
language sql stable
return (select claim.part[6]::uuid from (select app.claims() as part) as claim where claim.part[2] = 'job');

-- Out of the quota of the month that `at` falls in: BH010 when there is not as much left.
create function app.reserve_messages(number integer, at timestamptz) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform app.take_quota('messages', number, at);
end
$$;

create function app.return_messages(month date, number integer) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform app.return_quota('messages', month, number);
end
$$;

create function app.message_offer_holds(offer uuid, at timestamptz) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
return exists (
  select from public.offer as shown
  where shown.market_id = app.market_id() and shown.id = message_offer_holds.offer and shown.state = 'live'
    and coalesce(shown.starts_at <= at, true) and coalesce(shown.ends_at > at, true)
);

-- Who receives a campaign: each shopper once, by the number if that was asked for and allowed, else by e-mail. Two
-- shoppers with one number are one reader. Runs with the rights of whoever asks: a manager sees the same shoppers.
create function app.message_audience(channels text[], claimed_days integer, language text)
returns table (shopper_id uuid, channel text, locale text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with wanted as (
    select shopper.id, shopper.locale from public.shopper
    where shopper.market_id = app.market_id() and coalesce(shopper.locale = language, true)
      and case when claimed_days is null then true else exists (
        select from public.claim
        where claim.market_id = app.market_id() and claim.shopper_id = shopper.id
          and claim.claimed_at >= current_timestamp - make_interval(days => claimed_days)
      ) end
  ), by_phone as (
    select distinct on (phone.phone) wanted.id, wanted.locale
    from wanted join public.shopper_phone as phone on phone.market_id = app.market_id() and phone.shopper_id = wanted.id
    where 'whatsapp' = any(channels) and phone.opted_in_at is not null
    order by phone.phone, phone.opted_in_at, wanted.id
  )
  select by_phone.id, 'whatsapp', by_phone.locale from by_phone
  union all
  select wanted.id, 'email', wanted.locale
  from wanted join public.shopper_contact as contact on contact.market_id = app.market_id() and contact.shopper_id = wanted.id
  where 'email' = any(channels) and contact.opted_in_at is not null
    and not exists (select from by_phone where by_phone.id = wanted.id)
$$;

-- BH040 no draft of a manager's, BH041 the offer does not hold then, BH042 nobody to write to, BH043 more than `most`.
-- Whoever is in from now on is fixed; who opts out before it is their turn is passed over.
create function app.confirm_messages(asked uuid, at timestamptz, most integer) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  market constant uuid := app.market_id_as('manager');
  instant constant timestamptz(3) := greatest(at, current_timestamp);
  draft record;
  month date;
  number integer;
  tries integer := 0;
begin
  select campaign.offer_id, campaign.channels, campaign.claimed_days, campaign.locale into draft
    from public.message_campaign as campaign
    where campaign.market_id = market and campaign.id = asked and campaign.state = 'draft' for update;
  if not found then
    raise exception 'no such draft' using errcode = 'BH040';
  end if;
  if not app.message_offer_holds(draft.offer_id, instant) then
    raise exception 'the offer does not hold then' using errcode = 'BH041';
  end if;
  select date_trunc('month', instant at time zone market.time_zone)::date into month
    from public.market where market.id = app.market_id();
  -- Whoever is deleted in the very moment is looked for once more, and not found.
  while number is null loop
    begin
      insert into public.message_recipient (market_id, id, campaign_id, shopper_id, channel, locale, period)
        select market, app.uuid_at(clock_timestamp()), asked, audience.shopper_id, audience.channel, audience.locale, month
        from app.message_audience(draft.channels, draft.claimed_days, draft.locale) as audience;
      get diagnostics number = row_count;
    exception when foreign_key_violation then
      tries := tries + 1;
      if tries = 3 then
        raise;
      end if;
    end;
  end loop;
  if number = 0 then
    raise exception 'nobody to write to' using errcode = 'BH042';
  end if;
  if number > most then
    raise exception 'more shoppers than were shown' using errcode = 'BH043';
  end if;
  perform app.reserve_messages(number, instant);
  update public.message_campaign as campaign
    set state = 'scheduled', send_at = instant, size = number, confirmed_by = app.actor_id(),
      confirmed_at = current_timestamp
    where campaign.market_id = market and campaign.id = asked;
  return number;
end
$$;

-- What has not begun goes back to the quota.
create function app.drop_queued_messages(asked uuid) returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  given_back record;
  dropped integer := 0;
begin
  for given_back in
    with gone as (
      update public.message_recipient as recipient set state = 'cancelled', settled_at = current_timestamp
      where recipient.market_id = app.market_id() and recipient.campaign_id = asked and recipient.state = 'queued'
      returning recipient.period
    )
    select gone.period, count(*)::int as number from gone group by gone.period
  loop
    perform app.return_messages(given_back.period, given_back.number);
    dropped := dropped + given_back.number;
  end loop;
  return dropped;
end
$$;

-- BH040 nothing of a manager's that could be cancelled. What is with a provider already is not called back.
create function app.cancel_messages(asked uuid) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  market constant uuid := app.market_id_as('manager');
begin
  update public.message_campaign as campaign set state = 'cancelled', finished_at = current_timestamp, resume_at = null
    where campaign.market_id = market and campaign.id = asked and campaign.state in ('scheduled', 'sending');
  if not found then
    raise exception 'no such campaign under way' using errcode = 'BH040';
  end if;
  return app.drop_queued_messages(asked);
end
$$;

-- Whether the job may send now. A market that is not active sends nothing; its campaigns wait.
create function app.begin_messages(asked uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  market constant uuid := app.messaging_market();
begin
  perform from public.market as own where own.id = market and own.state = 'active';
  if not found then
    return false;
  end if;
  update public.message_campaign as campaign set state = 'sending', started_at = current_timestamp
    where campaign.market_id = market and campaign.id = asked and campaign.state = 'scheduled'
      and campaign.send_at <= current_timestamp;
  return exists (
    select from public.message_campaign as campaign
    where campaign.market_id = market and campaign.id = asked and campaign.state = 'sending'
      and coalesce(campaign.resume_at <= current_timestamp, true)
  );
end
$$;

-- The next recipient, marked as being sent to before any provider hears of it; the caller commits, then sends. Whoever
-- has opted out or is gone by now is passed over.
create function app.claim_message(asked uuid, attempt uuid, opt_out text)
returns table (id uuid, shopper_id uuid, channel text, locale text, address text, attempts integer)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  market constant uuid := app.messaging_market();
  campaign record;
  next record;
  found_address text;
begin
  select sending.offer_id into campaign from public.message_campaign as sending
    where sending.market_id = market and sending.id = asked and sending.state = 'sending' for share;
  if not found or not app.message_offer_holds(campaign.offer_id, current_timestamp) then
    return;
  end if;
  loop
    -- Whoever was tried before waits, longer each time, and holds up nobody.
    select queued.id, queued.shopper_id, queued.channel, queued.locale, queued.period, queued.attempts into next
      from public.message_recipient as queued
      where queued.market_id = market and queued.campaign_id = asked and queued.state = 'queued'
        and coalesce(queued.attempts = 0 or queued.attempted_at < clock_timestamp() - make_interval(secs => 30 * queued.attempts), true)
      order by queued.attempts, queued.id limit 1 for update skip locked;
    if not found then
      return;
    end if;
    if next.channel = 'email' then
      select contact.email into found_address from public.shopper_contact as contact
        where contact.market_id = market and contact.shopper_id = next.shopper_id and contact.opted_in_at is not null;
    else
      select phone.phone into found_address from public.shopper_phone as phone
        where phone.market_id = market and phone.shopper_id = next.shopper_id and phone.opted_in_at is not null;
    end if;
    if found_address is null then
      update public.message_recipient as recipient set state = 'skipped', settled_at = current_timestamp
        where recipient.market_id = market and recipient.id = next.id;
      perform app.return_messages(next.period, 1);
      continue;
    end if;
    update public.message_recipient as recipient
      set state = 'sending', attempt_id = attempt, attempts = next.attempts + 1,
        attempted_at = clock_timestamp(), opt_out_digest = opt_out, reason = null
      where recipient.market_id = market and recipient.id = next.id;
    return query select next.id, next.shopper_id, next.channel, next.locale, found_address, next.attempts + 1;
    return;
  end loop;
end
$$;

-- What the provider answered to one try, once. A try that certainly came to nothing is queued again; one that only met
-- a limit (`wait`) does not count.
create function app.record_message(asked uuid, attempt uuid, outcome text, provider text, why text) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  market constant uuid := app.messaging_market();
  tried record;
  becomes text;
begin
  select recipient.period, campaign.state as campaign_state into tried
    from public.message_recipient as recipient
    join public.message_campaign as campaign on campaign.market_id = market and campaign.id = recipient.campaign_id
    where recipient.market_id = market and recipient.id = asked and recipient.attempt_id = attempt
      and recipient.state in ('sending', 'unknown')
    for update of recipient;
  if not found then
    return false;
  end if;
  becomes := case when outcome not in ('again', 'wait') then outcome when tried.campaign_state = 'sending' then 'queued' else 'cancelled' end;
  update public.message_recipient as recipient
    set state = becomes, reason = why, attempts = recipient.attempts - (outcome = 'wait')::int,
      provider_digest = coalesce(provider, recipient.provider_digest),
      sent_at = case when becomes = 'sent' then clock_timestamp() end,
      settled_at = case when becomes in ('failed', 'cancelled') then clock_timestamp() end
    where recipient.market_id = market and recipient.id = asked;
  if becomes = 'cancelled' then
    perform app.return_messages(tried.period, 1);
  end if;
  return true;
end
$$;

-- What a provider tells later, in any order and more than once: a state only moves on. Settles a try whose answer was
-- lost. A message id that is not the recorded one is somebody else's.
create function app.settle_message(asked uuid, provider text, status text, at timestamptz, why text) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  market constant uuid := app.messaging_market();
  moves constant text[] := array['queued', 'sending', 'unknown', 'sent', 'failed', 'delivered', 'read'];
begin
  update public.message_recipient as recipient
    set state = status, provider_digest = provider, reason = why,
      sent_at = coalesce(recipient.sent_at, at),
      delivered_at = case when status in ('delivered', 'read') then coalesce(recipient.delivered_at, at) end,
      read_at = case when status = 'read' then at end,
      settled_at = case when status = 'failed' then at end
    where recipient.market_id = market and recipient.id = asked and recipient.attempt_id is not null
      and status in ('sent', 'failed', 'delivered', 'read')
      and case when recipient.state in ('queued', 'sending', 'unknown') then true else recipient.provider_digest = provider end
      and array_position(moves, recipient.state) < array_position(moves, status);
  return found;
end
$$;

-- Tries that nobody has heard of for so long: the process that made them has ended, or the answer was lost.
create function app.lose_messages(asked uuid, older interval) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  lost integer;
begin
  update public.message_recipient as recipient set state = 'unknown'
    where recipient.market_id = app.messaging_market() and recipient.campaign_id = asked and recipient.state = 'sending'
      and recipient.attempted_at < clock_timestamp() - older;
  get diagnostics lost = row_count;
  return lost;
end
$$;

create function app.pause_messages(asked uuid, why text, until timestamptz) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update public.message_campaign as campaign set trouble = why, resume_at = until
    where campaign.market_id = app.messaging_market() and campaign.id = asked and campaign.state = 'sending';
end
$$;

-- Ends a campaign that has nothing left to send, or whose offer no longer holds. NULL while it goes on.
create function app.finish_messages(asked uuid) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  market constant uuid := app.messaging_market();
  campaign record;
  outcome text := 'sent';
begin
  select sending.offer_id into campaign from public.message_campaign as sending
    where sending.market_id = market and sending.id = asked and sending.state = 'sending' for update;
  if not found then
    return null;
  end if;
  if exists (
    select from public.message_recipient as recipient
    where recipient.market_id = market and recipient.campaign_id = asked and recipient.state = 'queued'
  ) then
    if app.message_offer_holds(campaign.offer_id, current_timestamp) then
      return null;
    end if;
    perform app.drop_queued_messages(asked);
    outcome := 'cancelled';
  elsif exists (
    select from public.message_recipient as recipient
    where recipient.market_id = market and recipient.campaign_id = asked and recipient.state = 'sending'
  ) then
    return null;
  end if;
  update public.message_campaign as ended
    set state = outcome, finished_at = current_timestamp, resume_at = null,
      trouble = case outcome when 'cancelled' then 'offer' end
    where ended.market_id = market and ended.id = asked;
  return outcome;
end
$$;

-- A manager says what became of a message that nothing else can tell: BH044 for any other, BH041 if it is to be sent
-- again when its offer is over. Sent again it is another message of this month's quota: the first may have arrived.
create function app.resolve_message(asked uuid, verdict text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  market constant uuid := app.market_id_as('manager');
  campaign record;
begin
  select sending.id, sending.state, sending.offer_id into campaign
    from public.message_campaign as sending
    join public.message_recipient as recipient on recipient.market_id = market and recipient.campaign_id = sending.id
    where sending.market_id = market and recipient.id = asked
    for update of sending;
  perform from public.message_recipient as recipient
    where recipient.market_id = market and recipient.id = asked and recipient.state = 'unknown' for update;
  if not found then
    raise exception 'this is known already' using errcode = 'BH044';
  end if;
  if verdict = 'sent' then
    update public.message_recipient as recipient
      set state = 'sent', sent_at = recipient.attempted_at, resolved_by = app.actor_id()
      where recipient.market_id = market and recipient.id = asked;
    return;
  end if;
  if campaign.state not in ('sending', 'sent') or not app.message_offer_holds(campaign.offer_id, current_timestamp) then
    raise exception 'the offer does not hold any more' using errcode = 'BH041';
  end if;
  perform app.reserve_messages(1, current_timestamp);
  update public.message_recipient as recipient
    set state = 'queued', resolved_by = app.actor_id(), period = (
      select date_trunc('month', current_timestamp at time zone own.time_zone)::date from public.market as own where own.id = market
    )
    where recipient.market_id = market and recipient.id = asked;
  update public.message_campaign as resumed set state = 'sending', finished_at = null
    where resumed.market_id = market and resumed.id = campaign.id;
end
$$;

-- How far campaigns have come, for everybody in the market: analysts see no recipient.
create function app.count_messages(asked uuid[])
returns table (campaign_id uuid, channel text, state text, number integer)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select recipient.campaign_id, recipient.channel, recipient.state, count(*)::int
  from public.message_recipient as recipient
  where recipient.market_id = app.market_id() and recipient.campaign_id = any(asked)
  group by recipient.campaign_id, recipient.channel, recipient.state
$$;

-- Whose opt-out link it is. The digest is that of a secret which stands in one message and nowhere else.
create function app.opt_out_link(asked uuid, digest text)
returns table (shopper_id uuid, channel text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select recipient.shopper_id, recipient.channel
  from public.message_recipient as recipient
  where recipient.market_id = app.signed_market_id() and recipient.id = asked and recipient.opt_out_digest = digest
    and recipient.shopper_id is not null
$$;

-- The shopper of the signed context wants no more messages of this channel. Reads nothing: the policy of the update
-- alone says whose row it is, and it holds in a market that is not active, too.
create function app.opt_out(channel text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if channel = 'email' then
    update public.shopper_contact set opted_in_at = null;
  elsif channel = 'whatsapp' then
    update public.shopper_phone set opted_in_at = null;
  end if;
end
$$;

revoke all on function app.messaging_market(), app.reserve_messages(integer, timestamptz), app.return_messages(date, integer),
  app.message_offer_holds(uuid, timestamptz), app.message_audience(text[], integer, text),
  app.confirm_messages(uuid, timestamptz, integer), app.drop_queued_messages(uuid), app.cancel_messages(uuid),
  app.begin_messages(uuid), app.claim_message(uuid, uuid, text), app.record_message(uuid, uuid, text, text, text),
  app.settle_message(uuid, text, text, timestamptz, text), app.lose_messages(uuid, interval),
  app.pause_messages(uuid, text, timestamptz), app.finish_messages(uuid), app.resolve_message(uuid, text),
  app.count_messages(uuid[]), app.opt_out_link(uuid, text), app.opt_out(text)
  from public;
grant execute on function app.message_audience(text[], integer, text), app.confirm_messages(uuid, timestamptz, integer),
  app.cancel_messages(uuid), app.begin_messages(uuid), app.claim_message(uuid, uuid, text),
  app.record_message(uuid, uuid, text, text, text), app.settle_message(uuid, text, text, timestamptz, text),
  app.lose_messages(uuid, interval), app.pause_messages(uuid, text, timestamptz), app.finish_messages(uuid),
  app.resolve_message(uuid, text), app.count_messages(uuid[]) to bulkhead_partner;
grant execute on function app.opt_out_link(uuid, text), app.opt_out(text) to bulkhead_public;
reset role;
set role bulkhead_context;
revoke create on schema app from bulkhead_messenger;
reset role;
