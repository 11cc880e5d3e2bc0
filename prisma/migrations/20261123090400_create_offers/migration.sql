-- Offers, their pictures, where they hold, and what staff decided. Each table with its row-level security, policies and grants.

create table category (
  id uuid not null,
  slug text not null,
  name_en text not null,
  name_ar text not null,
  position integer not null,

  constraint category_pkey primary key (id),
  constraint category_slug_check check (slug ~ '^[a-z0-9-]{1,64}$')
);
create unique index category_slug_key on category(slug);
alter table category enable row level security;
alter table category force row level security;
create policy partner_select on category for select to bulkhead_partner
  using (true);
grant select on category to bulkhead_partner;
create policy admin_select on category for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on category to bulkhead_admin;

-- Bytes lie on disk under the market's folder; this row decides who may have them.
create table image (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  width integer not null,
  height integer not null,
  bytes integer not null,
  digest text not null,
  created_at timestamptz(3) not null default current_timestamp,

  constraint image_pkey primary key (market_id,id),
  constraint image_size_check check (width > 0 and height > 0 and bytes > 0),
  constraint image_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action
);
alter table image enable row level security;
alter table image force row level security;
create policy partner_select on image for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on image to bulkhead_partner;
create policy partner_insert on image for insert to bulkhead_partner
  with check ((market_id = (select app.market_id_as('manager'))));
grant insert (
  market_id, id, width, height, bytes, digest, created_at
) on image to bulkhead_partner;
create policy partner_delete on image for delete to bulkhead_partner
  using ((market_id = (select app.market_id_as('manager'))));
grant delete on image to bulkhead_partner;
create policy admin_select on image for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on image to bulkhead_admin;

-- state and content_digest are generated: no role can write them. A partner's edit changes the digest, so an
-- approval stops being one; staff approve a digest, so what they saw is what goes live.
create table offer (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  title_en text not null default '',
  title_ar text not null default '',
  text_en text not null default '',
  text_ar text not null default '',
  search_text text not null generated always as (
    app.fold(title_en || ' ' || title_ar)
  ) stored,
  price integer not null default 0,
  old_price integer,
  currency text not null,
  category_id uuid,
  image_id uuid,
  starts_at timestamptz(3),
  ends_at timestamptz(3),
  import_key text,
  submission integer not null default 0,
  is_submitted boolean not null default false,
  submitted_at timestamptz(3),
  ended_at timestamptz(3),
  content_digest text not null generated always as (
    app.offer_digest(
      submission, title_en, title_ar, text_en, text_ar, price, old_price, currency, category_id, image_id,
      starts_at, ends_at
    )
  ) stored,
  decision text,
  decision_digest text,
  decision_reason text,
  decided_at timestamptz(3),
  state text not null generated always as (
    case
      when ended_at is not null then 'ended'
      when decision_digest = app.offer_digest(
      submission, title_en, title_ar, text_en, text_ar, price, old_price, currency, category_id, image_id,
      starts_at, ends_at
    ) then case decision when 'approved' then 'live' else 'rejected' end
      when is_submitted then 'submitted'
      else 'draft'
    end
  ) stored,
  created_at timestamptz(3) not null default current_timestamp,
  updated_at timestamptz(3) not null,

  constraint offer_pkey primary key (market_id,id),
  constraint offer_title_check check (char_length(title_en) <= 120 and char_length(title_ar) <= 120),
  constraint offer_text_check check (char_length(text_en) <= 5000 and char_length(text_ar) <= 5000),
  constraint offer_price_check check (price >= 0 and (old_price is null or old_price > price)),
  constraint offer_currency_check check (currency ~ '^[A-Z]{3}$'),
  constraint offer_schedule_check check (ends_at > starts_at),
  constraint offer_submission_check check (submission >= 0 and (submission > 0 or not is_submitted)),
  constraint offer_decision_check check (decision in ('approved', 'rejected')),
  constraint offer_decided_check check ((decision is null) = (decision_digest is null)),
  constraint offer_market_id_fkey foreign key (market_id) references market(id) on delete restrict on update no action,
  constraint offer_category_id_fkey foreign key (category_id) references category(id) on delete restrict on update no action,
  constraint offer_market_id_image_id_fkey foreign key (market_id, image_id) references image(market_id, id) on delete restrict on update no action
);
create index offer_market_id_updated_at_id_idx on offer(market_id, updated_at, id);
create index offer_market_id_state_updated_at_idx on offer(market_id, state, updated_at);
create index offer_state_submitted_at_idx on offer(state, submitted_at);
create unique index offer_market_id_import_key_key on offer(market_id, import_key);
alter table offer enable row level security;
alter table offer force row level security;
create policy partner_select on offer for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on offer to bulkhead_partner;
create policy partner_insert on offer for insert to bulkhead_partner
  with check ((market_id = (select app.market_id_as('manager'))));
grant insert (
  market_id, id, created_at, title_en, title_ar, text_en, text_ar, price, old_price, currency, category_id, image_id, starts_at, ends_at, import_key, submission, is_submitted, submitted_at, ended_at, updated_at
) on offer to bulkhead_partner;
create policy partner_update on offer for update to bulkhead_partner
  using ((market_id = (select app.market_id_as('manager'))))
  with check ((market_id = (select app.market_id_as('manager'))));
grant update (
  title_en, title_ar, text_en, text_ar, price, old_price, currency, category_id, image_id, starts_at, ends_at, import_key, submission, is_submitted, submitted_at, ended_at, updated_at
) on offer to bulkhead_partner;
create policy partner_delete on offer for delete to bulkhead_partner
  using (((market_id = (select app.market_id_as('manager'))) and (state = 'draft')));
grant delete on offer to bulkhead_partner;
create policy admin_select on offer for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on offer to bulkhead_admin;
create policy admin_update on offer for update to bulkhead_admin
  using ((select app.is_operator()))
  with check ((select app.is_operator()));
grant update (
  decision, decision_digest, decision_reason, decided_at, updated_at
) on offer to bulkhead_admin;

create table offer_branch (
  market_id uuid not null default app.market_id(),
  offer_id uuid not null,
  branch_id uuid not null,

  constraint offer_branch_pkey primary key (market_id,offer_id,branch_id),
  constraint offer_branch_market_id_offer_id_fkey foreign key (market_id, offer_id) references offer(market_id, id) on delete cascade on update no action,
  constraint offer_branch_market_id_branch_id_fkey foreign key (market_id, branch_id) references branch(market_id, id) on delete restrict on update no action
);
create index offer_branch_market_id_branch_id_idx on offer_branch(market_id, branch_id);
alter table offer_branch enable row level security;
alter table offer_branch force row level security;
create policy partner_select on offer_branch for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on offer_branch to bulkhead_partner;
create policy partner_insert on offer_branch for insert to bulkhead_partner
  with check ((market_id = (select app.market_id_as('manager'))));
grant insert (
  market_id, offer_id, branch_id
) on offer_branch to bulkhead_partner;
create policy partner_delete on offer_branch for delete to bulkhead_partner
  using ((market_id = (select app.market_id_as('manager'))));
grant delete on offer_branch to bulkhead_partner;
create policy admin_select on offer_branch for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on offer_branch to bulkhead_admin;

create table offer_decision (
  market_id uuid not null default app.market_id(),
  id uuid not null,
  offer_id uuid not null,
  decision text not null,
  reason text not null default '',
  content_digest text not null,
  content jsonb not null,
  decided_by uuid not null,
  decided_at timestamptz(3) not null default current_timestamp,

  constraint offer_decision_pkey primary key (market_id,id),
  constraint offer_decision_decision_check check (decision in ('approved', 'rejected')),
  constraint offer_decision_reason_check check (decision = 'approved' or char_length(reason) between 1 and 1000),
  constraint offer_decision_market_id_offer_id_fkey foreign key (market_id, offer_id) references offer(market_id, id) on delete restrict on update no action
);
create index offer_decision_market_id_offer_id_decided_at_idx on offer_decision(market_id, offer_id, decided_at);
alter table offer_decision enable row level security;
alter table offer_decision force row level security;
create policy partner_select on offer_decision for select to bulkhead_partner
  using ((market_id = (select app.market_id())));
grant select on offer_decision to bulkhead_partner;
create policy admin_select on offer_decision for select to bulkhead_admin
  using ((select app.is_staff()));
grant select on offer_decision to bulkhead_admin;
create policy admin_insert on offer_decision for insert to bulkhead_admin
  with check ((select app.is_operator()));
grant insert (
  market_id, id, offer_id, decision, reason, content_digest, content, decided_by, decided_at
) on offer_decision to bulkhead_admin;
