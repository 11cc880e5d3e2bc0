import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { TestPortals } from './http.ts';
import type { MarketFixture } from './two-markets.ts';

export type State = 'live' | 'draft' | 'submitted' | 'rejected' | 'ended';

export interface NewOffer {
  readonly title: string;
  readonly state?: State;
  readonly price?: number;
  readonly oldPrice?: number | null;
  readonly startsAt?: string | null;
  readonly endsAt?: string | null;
  readonly createdAt?: string;
  readonly category?: string;
  readonly branches?: readonly string[];
  readonly claimLimit?: number;
  readonly imageId?: string;
}

const STATES: Record<State, string> = {
  live: "decision = 'approved', decision_digest = content_digest, decided_at = now()",
  draft: 'is_submitted = false',
  submitted: 'is_submitted = true, submitted_at = now(), submission = 1',
  rejected: "decision = 'rejected', decision_digest = content_digest, decided_at = now()",
  ended: "decision = 'approved', decision_digest = content_digest, decided_at = now(), ended_at = now()",
};

/** Writes rows past row-level security, in any state that an offer can be in. */
export function storefront({ sql, partner }: TestPortals) {
  return {
    async offer(market: MarketFixture, offer: NewOffer): Promise<string> {
      const id = randomUUID();
      const { title, state = 'live', price = 1000, oldPrice = null, startsAt = null, endsAt = null } = offer;
      const category = offer.category ?? null;
      await sql(
        `insert into offer (market_id, id, title_en, title_ar, price, old_price, currency, category_id, starts_at, ends_at,
           claim_limit, image_id, created_at, updated_at)
         values ($1, $2, $3, $3, $4, $5, 'SAR', (select id from category where slug = $6), $7, $8, $9, $10, $11, now())`,
        [
          ...[market.marketId, id, title, price, oldPrice, category, startsAt, endsAt],
          ...[offer.claimLimit ?? null, offer.imageId ?? null, offer.createdAt ?? '2026-01-01T00:00:00Z'],
        ],
      );
      await sql(`update offer set ${STATES[state]} where id = $1`, [id]);
      for (const branch of offer.branches ?? []) {
        await sql('insert into offer_branch values ($1, $2, $3)', [market.marketId, id, branch]);
      }
      return id;
    },

    async branch(
      market: MarketFixture,
      name: string,
      place: readonly [number, number] | null,
      state = 'open',
    ) {
      const id = randomUUID();
      await sql(
        `insert into branch (market_id, id, name_en, name_ar, latitude, longitude, state, updated_at)
         values ($1, $2, $3, $3, $4, $5, $6, now())`,
        [market.marketId, id, name, place?.[0] ?? null, place?.[1] ?? null, state],
      );
      return id;
    },

    /** A picture with its file. */
    async image(market: MarketFixture): Promise<string> {
      const id = randomUUID();
      await sql(
        "insert into image (market_id, id, width, height, bytes, digest) values ($1, $2::uuid, 4, 3, 100, 'digest-' || $2::text)",
        [market.marketId, id],
      );
      const folder = join(partner.deps.uploadsDir, market.marketId);
      mkdirSync(folder, { recursive: true });
      const picture = sharp({ create: { width: 4, height: 3, channels: 3, background: 'red' } });
      writeFileSync(join(folder, `${id}.webp`), await picture.webp().toBuffer());
      return id;
    },
  };
}
