import { type Direct, type Statement, sql } from '../db/direct.ts';
import type { Point } from './storefront.input.ts';

export interface BranchRow {
  readonly id: string;
  readonly name_en: string;
  readonly name_ar: string;
  readonly address_en: string;
  readonly address_ar: string;
  readonly city: string;
  readonly phone: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly hours: unknown;
  readonly km: number | null;
}

/** Kilometres along the ground (haversine) from a place to `branch`; NULL without a place or without coordinates. */
export function distanceTo(place: Point | null): Statement {
  const [latitude, longitude] = [place?.latitude ?? null, place?.longitude ?? null];
  return sql`(6371 * 2 * asin(sqrt(least(1,
    power(sin(radians(branch.latitude - ${latitude}::float8) / 2), 2)
    + cos(radians(${latitude}::float8)) * cos(radians(branch.latitude))
      * power(sin(radians(branch.longitude - ${longitude}::float8) / 2), 2)
  ))))`;
}

/** The market's open branches: the nearest first where a place is given, else by name. */
export function listOpenBranches(direct: Direct, near: Point | null): Promise<BranchRow[]> {
  return direct.rows<BranchRow>(sql`
    select branch.id, branch.name_en, branch.name_ar, branch.address_en, branch.address_ar, branch.city, branch.phone,
      branch.latitude, branch.longitude, branch.hours, round(${distanceTo(near)}::numeric, 2)::float8 as km
    from branch where branch.market_id = ${direct.scope.marketId}
    order by km, branch.name_en, branch.id`);
}

export interface CategoryRow {
  readonly slug: string;
  readonly name_en: string;
  readonly name_ar: string;
}

/** The categories that at least one offer of the market stands in now. */
export function listOpenCategories(direct: Direct): Promise<CategoryRow[]> {
  return direct.rows<CategoryRow>(sql`
    select category.slug, category.name_en, category.name_ar from category
    where category.id in (select offer.category_id from offer where offer.market_id = ${direct.scope.marketId})
    order by category.position, category.slug`);
}
