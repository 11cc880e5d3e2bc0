import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { BranchInput } from '../../server/branches/branches.input.ts';
import type { InvitationInput } from '../../server/team/team.input.ts';
import { type ArrangedMarket, categoryId } from './scoped.ts';

export const branchInput = (): BranchInput => ({
  ...{ nameEn: 'Branch', nameAr: 'فرع', addressEn: 'Road 1', addressAr: 'طريق 1', city: 'Riyadh', phone: '' },
  ...{ latitude: null, longitude: null, hours: [] },
});

export const invitationOf = (email: string): InvitationInput => ({
  ...{ email, name: 'Somebody', role: 'analyst', locale: 'en' },
});

/** Drafts that lack nothing, so that they can be submitted. */
export async function insertReadyOffers(
  client: pg.Client,
  market: Pick<ArrangedMarket, 'id' | 'branches' | 'images'>,
  count: number,
  category: string = categoryId,
): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await client.query(
    `insert into offer (market_id, id, title_en, title_ar, text_en, text_ar, price, currency, category_id, image_id, ends_at, updated_at)
     select $1, id, 'Coffee', 'قهوة', 'Roasted', 'محمصة', 4500, 'SAR', $3, $4, now() + interval '1 day', now() from unnest($2::uuid[]) as id`,
    [market.id, ids, category, market.images[0]],
  );
  await client.query(`insert into offer_branch select $1, id, $3 from unnest($2::uuid[]) as id`, [
    market.id,
    ids,
    market.branches[0],
  ]);
  return ids;
}
