import { type Direct, sql } from '../db/direct.ts';

/** A view as it was reported; its id is a UUID v7 of when it happened. */
export interface ReportedView {
  readonly id: string;
  readonly offerId: string;
  readonly branchId: string | null;
  /** Already derived for this market (visitor.ts). */
  readonly visitor: string | null;
}

/** Nothing was written: the scope's key, or its market, no longer holds. */
export class IntakeRefused extends Error {}

export type Outcome = 'accepted' | 'repeated' | 'unknown' | 'late' | 'early';

interface Exception {
  place: number;
  outcome: Outcome | 'refused';
}

/**
 * Writes views of one market in one statement, which is one transaction: when it answers they are durable. What may
 * not be written is told apart instead of failing its neighbours; "unknown" is every offer and branch that the scope
 * does not see, for whatever reason. Sorted by id, so that two batches with the same ids can't wait for each other.
 * @returns the outcome of each view, in their order.
 * @throws IntakeRefused
 */
export async function writeViews(direct: Direct, views: readonly ReportedView[]): Promise<Outcome[]> {
  const { marketId } = direct.scope;
  const exceptions = await direct.rows<Exception>(sql`
    with given as (
      select view.*, app.uuid_time(view.id) as occurred_at
      from unnest(${list(views, 'id')}::uuid[], ${list(views, 'offerId')}::uuid[], ${list(views, 'branchId')}::uuid[],
        ${list(views, 'visitor')}::uuid[]) with ordinality as view(id, offer_id, branch_id, visitor, place)
    ), judged as materialized (
      select given.*, case
        when given.occurred_at <= current_timestamp - interval '7 days' then 'late'
        when given.occurred_at >= current_timestamp + interval '5 minutes' then 'early'
        when not exists (select from offer where offer.market_id = ${marketId} and offer.id = given.offer_id) then 'unknown'
        when given.branch_id is not null and not exists (
          select from branch where branch.market_id = ${marketId} and branch.id = given.branch_id) then 'unknown'
        else 'accepted' end as outcome
      from given
    ), written as (
      insert into offer_event (market_id, id, offer_id, branch_id, kind, occurred_at, visitor)
      select ${marketId}, judged.id, judged.offer_id, judged.branch_id, 'view', judged.occurred_at, judged.visitor
      from judged where judged.outcome = 'accepted' order by judged.id
      on conflict do nothing returning id
    )
    select judged.place, case judged.outcome when 'accepted' then 'repeated' else judged.outcome end as outcome
    from judged where judged.outcome <> 'accepted' or judged.id not in (select written.id from written)
    union all
    select 0, 'refused' where (select app.public_market_id()) is distinct from ${marketId}::uuid`);
  const outcomes = new Array<Outcome>(views.length).fill('accepted');
  for (const { place, outcome } of exceptions) {
    if (outcome === 'refused') throw new IntakeRefused();
    outcomes[place - 1] = outcome;
  }
  return withRepeats(views, outcomes);
}

/** Of views with one id in one batch the first was written; the statement can't tell which was which. */
function withRepeats(views: readonly ReportedView[], outcomes: Outcome[]): Outcome[] {
  const seen = new Set<string>();
  for (const [place, { id }] of views.entries()) {
    if (outcomes[place] !== 'accepted') continue;
    if (seen.has(id)) outcomes[place] = 'repeated';
    else seen.add(id);
  }
  return outcomes;
}

/** An array literal. Ids hold nothing that would need quoting. */
function list(views: readonly ReportedView[], key: keyof ReportedView): string {
  let text = '{';
  for (let place = 0; place < views.length; place++) {
    if (place > 0) text += ',';
    text += views[place]![key] ?? 'NULL';
  }
  return `${text}}`;
}
