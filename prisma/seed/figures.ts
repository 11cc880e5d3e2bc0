import type { ClientBase } from 'pg';

/**
 * The rollups of all demo events, as `app.roll_up()` and `app.count_cohorts()` would count them: these events name no
 * visitor, so each counts.
 * The tasks that the events queued are done with that.
 */
export async function writeFigures(client: ClientBase): Promise<void> {
  await client.query(`
    insert into event_day (market_id, day, offer_id, branch_id, kind, events)
    select e.market_id, (e.occurred_at at time zone m.time_zone)::date, e.offer_id,
      coalesce(e.branch_id, '00000000-0000-0000-0000-000000000000'), e.kind, count(*)
    from offer_event e join market m on m.id = e.market_id group by 1, 2, 3, 4, 5;
    insert into event_hour (market_id, day, hour, kind, events)
    select e.market_id, (e.occurred_at at time zone m.time_zone)::date,
      extract(hour from e.occurred_at at time zone m.time_zone), e.kind, count(*)
    from offer_event e join market m on m.id = e.market_id group by 1, 2, 3, 4;
    insert into rollup_state (market_id, time_zone) select id, time_zone from market;
    insert into claim_cohort (market_id, first, month, shoppers)
    select market_id, first, month, count(*) from (
      select market_id, month, min(month) over (partition by market_id, shopper_id) as first from (
        select distinct c.market_id, c.shopper_id, date_trunc('month', c.claimed_at at time zone m.time_zone)::date as month
        from claim c join market m on m.id = c.market_id) as shopper_month) as from_first group by 1, 2, 3;
    delete from rollup_task;`);
}
