-- A campaign that has been told to wait is waited for by each claim, not only by the beginning of a run: what one sender
-- puts back, another must not take up in the same moment. Going on, it forgets why it waited.

set role bulkhead_context;
grant create on schema app to bulkhead_messenger;
reset role;
set role bulkhead_messenger;

create or replace function app.begin_messages(asked uuid) returns boolean
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
  update public.message_campaign as campaign set trouble = null, resume_at = null
    where campaign.market_id = market and campaign.id = asked and campaign.state = 'sending'
      and campaign.resume_at <= current_timestamp;
  return exists (
    select from public.message_campaign as campaign
    where campaign.market_id = market and campaign.id = asked and campaign.state = 'sending' and campaign.resume_at is null
  );
end
$$;

create or replace function app.claim_message(asked uuid, attempt uuid, opt_out text)
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
    where sending.market_id = market and sending.id = asked and sending.state = 'sending'
      and coalesce(sending.resume_at <= current_timestamp, true) for share;
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

reset role;
set role bulkhead_context;
revoke create on schema app from bulkhead_messenger;
reset role;
