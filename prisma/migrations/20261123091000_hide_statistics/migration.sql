-- The planner's statistics are taken over all markets' rows, and EXPLAIN shows what it makes of them: how often a
-- title occurs, between which values an e-mail or a price lies, whosever it is. So columns with content have none.
-- Keys, times, flags and states keep theirs: plans need them, and they say how many rows there are, not what is in them.

alter table audit_entry
  alter column actor_kind set statistics 0,
  alter column actor_name set statistics 0,
  alter column action set statistics 0,
  alter column subject_type set statistics 0,
  alter column subject_id set statistics 0,
  alter column details set statistics 0,
  alter column receipt set statistics 0;
alter table branch
  alter column name_en set statistics 0,
  alter column name_ar set statistics 0,
  alter column search_text set statistics 0,
  alter column address_en set statistics 0,
  alter column address_ar set statistics 0,
  alter column city set statistics 0,
  alter column phone set statistics 0,
  alter column latitude set statistics 0,
  alter column longitude set statistics 0,
  alter column hours set statistics 0;
alter table image
  alter column width set statistics 0,
  alter column height set statistics 0,
  alter column bytes set statistics 0,
  alter column digest set statistics 0;
alter table import_error
  alter column "row" set statistics 0,
  alter column "column" set statistics 0,
  alter column value set statistics 0,
  alter column code set statistics 0;
alter table import_job
  alter column file_name set statistics 0,
  alter column headers set statistics 0,
  alter column mapping set statistics 0,
  alter column options set statistics 0,
  alter column total set statistics 0,
  alter column processed set statistics 0,
  alter column created set statistics 0,
  alter column updated set statistics 0,
  alter column failed set statistics 0,
  alter column failure set statistics 0;
alter table market
  alter column slug set statistics 0,
  alter column name_en set statistics 0,
  alter column name_ar set statistics 0,
  alter column search_text set statistics 0,
  alter column state_reason set statistics 0,
  alter column plan_id set statistics 0,
  alter column time_zone set statistics 0,
  alter column currency set statistics 0;
alter table offer
  alter column title_en set statistics 0,
  alter column title_ar set statistics 0,
  alter column text_en set statistics 0,
  alter column text_ar set statistics 0,
  alter column search_text set statistics 0,
  alter column price set statistics 0,
  alter column old_price set statistics 0,
  alter column currency set statistics 0,
  alter column import_key set statistics 0,
  alter column submission set statistics 0,
  alter column content_digest set statistics 0,
  alter column decision_digest set statistics 0,
  alter column decision_reason set statistics 0;
alter table offer_decision
  alter column reason set statistics 0,
  alter column content_digest set statistics 0,
  alter column content set statistics 0;
alter table partner_session
  alter column rotation set statistics 0,
  alter column user_agent set statistics 0,
  alter column address set statistics 0,
  alter column revoked_for set statistics 0;
alter table team_member
  alter column email set statistics 0,
  alter column name set statistics 0,
  alter column invitation_digest set statistics 0;
