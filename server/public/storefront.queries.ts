import { type Direct, type Statement, sql } from '../db/direct.ts';
import { notFound } from '../errors.ts';
import { distanceTo } from './places.queries.ts';
import type { OfferSearch, Place } from './storefront.input.ts';

export interface OfferRow {
  readonly id: string;
  readonly title_en: string;
  readonly title_ar: string;
  readonly text_en: string;
  readonly text_ar: string;
  readonly price: number;
  readonly old_price: number | null;
  readonly currency: string;
  readonly starts_at: string | null;
  readonly ends_at: string | null;
  readonly claim_limit: number | null;
  readonly claim_limit_per_shopper: number;
  readonly claimed: number | null;
  readonly category_slug: string | null;
  readonly category_en: string;
  readonly category_ar: string;
  readonly image_id: string | null;
  readonly width: number;
  readonly height: number;
  readonly branches: readonly { id: string; name: { en: string; ar: string } }[];
  readonly km: number | null;
}

export interface RankedOffers {
  readonly rows: readonly OfferRow[];
  /** Where the next page begins; null at the end. */
  readonly next: Place | null;
}

/**
 * One page of what shoppers see. The policies decide which rows there are; every sort is a number to count upwards by,
 * so that one form of cursor serves them all. Without a filter the statement is a shorter one: starting what a plan
 * does not need takes a third of its time.
 */
export async function listOpenOffers(direct: Direct, search: OfferSearch): Promise<RankedOffers> {
  const { category, branch, near, within, words, limit } = search;
  const isPlain = !category && !branch && !near && within === null && words.length === 0;
  const found = await (isPlain ? everyOffer(direct, search) : matchingOffers(direct, search));
  const rows = withBranches(found.slice(0, limit));
  const last = found.length > limit ? found[limit - 1]! : null;
  return { rows, next: last && { rank: last.rank, id: last.id } };
}

interface FoundOffer extends Omit<OfferRow, 'branches'> {
  readonly rank: number;
  /** In the first row alone, of the whole page: an offer's id, a space, a branch's id, in any order. */
  readonly held: readonly string[] | null;
  /** In the first row alone: the market's open branches, by name. */
  readonly places: readonly (readonly [id: string, en: string, ar: string])[] | null;
}

/** Names come once for all rows; a branch that is not open has none, and is left out. */
function withBranches(found: readonly FoundOffer[]): OfferRow[] {
  const held = new Set(found[0]?.held);
  const places = (found[0]?.places ?? []).map(([id, en, ar]) => ({ id, name: { en, ar } }));
  return found.map((row) => ({ ...row, branches: places.filter(({ id }) => held.has(`${row.id} ${id}`)) }));
}

/** A page of offers with what hangs on each. `page` picks them, with `rank` and `km`. */
function withParts(market: string | null, page: Statement): Statement {
  return sql`
    select page.id, page.title_en, page.title_ar, page.text_en, page.text_ar, page.price, page.old_price, page.currency,
      page.starts_at, page.ends_at, page.claim_limit, page.claim_limit_per_shopper, page.rank, page.km, counter.claimed,
      category.slug as category_slug, category.name_en as category_en, category.name_ar as category_ar,
      image.id as image_id, image.width, image.height,
      case when page.place = 1 then (
        select json_agg(held.offer_id || ' ' || held.branch_id) from offer_branch as held
        where held.market_id = ${market} and held.offer_id = any (page.ids)
      ) end as held,
      case when page.place = 1 then (
        select json_agg(json_build_array(branch.id, branch.name_en, branch.name_ar) order by branch.name_en, branch.id)
        from branch where branch.market_id = ${market}
      ) end as places
    from (
      select page.*, row_number() over sorted as place, array_agg(page.id) over () as ids from (${page}) as page
      window sorted as (order by page.rank, page.id)
    ) as page
    left join category on category.id = page.category_id
    left join image on image.market_id = ${market} and image.id = page.image_id
    left join offer_claims as counter on counter.market_id = ${market} and counter.offer_id = page.id
    order by page.rank, page.id`;
}

const PICKED = sql`offer.id, offer.title_en, offer.title_ar, offer.text_en, offer.text_ar, offer.price, offer.old_price,
  offer.currency, offer.category_id, offer.image_id, offer.starts_at, offer.ends_at, offer.claim_limit,
  offer.claim_limit_per_shopper, sorted.rank`;

/** What an offer is sorted by; `distance` is where there is one. */
const rankBy = (sort: string, distance: Statement): Statement => sql`(
  select case ${sort}::text
    when 'newest' then -extract(epoch from greatest(offer.created_at, offer.starts_at))::float8
    when 'ending' then coalesce(extract(epoch from offer.ends_at)::float8, 1e15)
    when 'price' then offer.price
    when '-price' then -offer.price
    when 'discount' then -coalesce(greatest(0, 1 - offer.price / nullif(offer.old_price, 0)::float8), 0)
    else coalesce(${distance}, 1e9)
  end as rank
) as sorted`;

const behind = (after: Place | null): Statement => sql`(${after?.id ?? null}::uuid is null
  or (sorted.rank, offer.id) > (${after?.rank ?? null}::float8, ${after?.id ?? null}::uuid))`;

function everyOffer(direct: Direct, { sort, limit, after }: OfferSearch): Promise<FoundOffer[]> {
  const market = direct.scope.marketId;
  return direct.rows<FoundOffer>(
    withParts(
      market,
      sql`
      select ${PICKED}, null::float8 as km
      from offer cross join lateral ${rankBy(sort, sql`null::float8`)}
      where offer.market_id = ${market} and ${behind(after)}
      order by sorted.rank, offer.id
      limit ${limit + 1}::int`,
    ),
  );
}

function matchingOffers(direct: Direct, search: OfferSearch): Promise<FoundOffer[]> {
  const market = direct.scope.marketId;
  const { category, branch, near, within, words, sort, limit, after } = search;
  return direct.rows<FoundOffer>(
    withParts(
      market,
      sql`
      select ${PICKED}, distance.km
      from offer
      left join lateral (
        select round(min(${distanceTo(near)})::numeric, 2)::float8 as km
        from offer_branch as held join branch on branch.market_id = held.market_id and branch.id = held.branch_id
        where ${near !== null}::boolean and held.market_id = ${market} and held.offer_id = offer.id
      ) as distance on true
      cross join lateral ${rankBy(sort, sql`distance.km`)}
      where offer.market_id = ${market}
        and (${category}::text is null
          or offer.category_id = (select category.id from category where category.slug = ${category}::text))
        and (${branch}::uuid is null or exists (
          select from offer_branch as held join branch on branch.market_id = held.market_id and branch.id = held.branch_id
          where held.market_id = ${market} and held.offer_id = offer.id and held.branch_id = ${branch}::uuid
        ))
        and (${within}::float8 is null or distance.km <= ${within}::float8)
        and offer.search_text like all (${words}::text[])
        and ${behind(after)}
      order by sorted.rank, offer.id
      limit ${limit + 1}::int`,
    ),
  );
}

/** @throws AppError 404 */
export async function findOpenOffer(direct: Direct, id: string): Promise<OfferRow> {
  const market = direct.scope.marketId;
  const [row] = await direct.rows<OfferRow>(sql`
    select offer.id, offer.title_en, offer.title_ar, offer.text_en, offer.text_ar, offer.price, offer.old_price,
      offer.currency, offer.starts_at, offer.ends_at, offer.claim_limit, offer.claim_limit_per_shopper, counter.claimed,
      category.slug as category_slug, category.name_en as category_en, category.name_ar as category_ar,
      image.id as image_id, image.width, image.height, null::float8 as km,
      (
        select coalesce(json_agg(json_build_object('id', branch.id,
          'name', json_build_object('en', branch.name_en, 'ar', branch.name_ar)) order by branch.name_en, branch.id), '[]')
        from offer_branch as held join branch on branch.market_id = held.market_id and branch.id = held.branch_id
        where held.market_id = ${market} and held.offer_id = offer.id
      ) as branches
    from offer
    left join category on category.id = offer.category_id
    left join image on image.market_id = ${market} and image.id = offer.image_id
    left join offer_claims as counter on counter.market_id = ${market} and counter.offer_id = offer.id
    where offer.market_id = ${market} and offer.id = ${id}`);
  if (!row) throw notFound();
  return row;
}

/** The picture of an offer that shoppers see. @throws AppError 404 */
export async function findOpenImage(direct: Direct, id: string) {
  const [row] = await direct.rows<{ id: string; digest: string }>(sql`
    select image.id, image.digest from image where image.market_id = ${direct.scope.marketId} and image.id = ${id}`);
  if (!row) throw notFound();
  return row;
}
