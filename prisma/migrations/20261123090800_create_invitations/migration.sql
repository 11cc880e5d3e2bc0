-- What happens before there is a scope: an invitation is opened by the secret in its link, and nothing else
-- about it can be asked. Executable by the partner gate alone; run with the context owner's narrow rights.

create index team_member_invitation_digest_idx on team_member(invitation_digest);
create index team_member_user_id_idx on team_member(user_id);

set role bulkhead_context;

-- No row when the secret is unknown, used, past its end, or its market is not active: all alike.
create function app.open_invitation(secret text)
returns table (
  market_id uuid, member_id uuid, email text, name text, role text, market_name_en text, market_name_ar text
)
language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select member.market_id, member.id, member.email, member.name, member.role, market.name_en, market.name_ar
  from public.team_member as member
  join public.market as market on market.id = member.market_id
  where member.invitation_digest = encode(sha256(convert_to(secret, 'UTF8')), 'hex')
    and member.state = 'invited'
    and member.invitation_ends_at > statement_timestamp()
    and market.state = 'active';
end;

-- Ties the invited row to the person, once. The gate has checked that the person owns the e-mail's account.
create function app.accept_invitation(secret text, person uuid)
returns table (market_id uuid, member_id uuid)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
begin atomic
  update public.team_member as member
  set user_id = accept_invitation.person, state = 'active', joined_at = statement_timestamp()
  where member.invitation_digest = encode(sha256(convert_to(secret, 'UTF8')), 'hex')
    and member.state = 'invited'
    and member.invitation_ends_at > statement_timestamp()
  returning member.market_id, member.id;
end;

-- The markets of the person in the signed context, under the gate's own policies.
create function app.person_markets()
returns table (
  market_id uuid, member_id uuid, role text, slug text, name_en text, name_ar text, market_state text
)
language sql stable
begin atomic
  select member.market_id, member.id, member.role, market.slug, market.name_en, market.name_ar, market.state
  from public.team_member as member
  join public.market as market on market.id = member.market_id
  where member.state = 'active'
  order by market.name_en, market.id;
end;

revoke all on function app.open_invitation(text), app.accept_invitation(text, uuid), app.person_markets() from public;
grant execute on function app.open_invitation(text), app.accept_invitation(text, uuid), app.person_markets()
  to bulkhead_partner_gate;

reset role;
