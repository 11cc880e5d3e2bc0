import type { ClientBase } from 'pg';
import { demoId } from './ids.ts';
import type { Content, DemoOffer, Version } from './offers.ts';
import { staffId } from './people.ts';
import { insertRows } from './rows.ts';

const contentColumns = {
  title_en: 'text',
  title_ar: 'text',
  text_en: 'text',
  text_ar: 'text',
  price: 'integer',
  old_price: 'integer',
  currency: 'text',
  category_id: 'uuid',
  image_id: 'uuid',
  starts_at: 'timestamptz',
  ends_at: 'timestamptz',
};
const versionColumns = {
  market_id: 'uuid',
  id: 'uuid',
  ...contentColumns,
  submission: 'integer',
  is_submitted: 'boolean',
  submitted_at: 'timestamptz',
  updated_at: 'timestamptz',
};

const contentRow = (content: Content) => ({
  title_en: content.titleEn,
  title_ar: content.titleAr,
  text_en: content.textEn,
  text_ar: content.textAr,
  price: content.price,
  old_price: content.oldPrice,
  currency: content.currency,
  category_id: content.categoryId,
  image_id: content.imageId,
  starts_at: content.startsAt,
  ends_at: content.endsAt,
});

const versionRow = (offer: DemoOffer, version: Version) => ({
  market_id: offer.market.id,
  id: offer.id,
  ...contentRow(version.content),
  submission: version.submission,
  is_submitted: version.isSubmitted,
  submitted_at: version.submittedAt,
  updated_at: version.changedAt,
});

/**
 * Decides the version that each offer has now. The digest is the database's own, read back from the row:
 * `state` follows from it.
 */
async function decide(client: ClientBase, offers: readonly DemoOffer[], round: number): Promise<void> {
  const decided = offers.flatMap((offer) => {
    const { verdict, content } = offer.versions[round] ?? {};
    return verdict && content ? [{ offer, verdict, content }] : [];
  });
  await client.query(
    `update offer set decision = d.decision, decision_digest = content_digest,
       decision_reason = nullif(d.reason, ''), decided_at = d.at, updated_at = d.at
     from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[]) as d (market_id, id, decision, reason, at)
     where offer.market_id = d.market_id and offer.id = d.id`,
    [
      decided.map(({ offer }) => offer.market.id),
      decided.map(({ offer }) => offer.id),
      decided.map(({ verdict }) => verdict.decision),
      decided.map(({ verdict }) => verdict.reason),
      decided.map(({ verdict }) => verdict.decidedAt.toISOString()),
    ],
  );
  await client.query(
    `insert into offer_decision (market_id, id, offer_id, decision, reason, content_digest, content, decided_by, decided_at)
     select offer.market_id, d.id, offer.id, offer.decision, coalesce(offer.decision_reason, ''),
       offer.content_digest, d.content, $5, offer.decided_at
     from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::jsonb[]) as d (market_id, offer_id, id, content)
     join offer on offer.market_id = d.market_id and offer.id = d.offer_id`,
    [
      decided.map(({ offer }) => offer.market.id),
      decided.map(({ offer }) => offer.id),
      decided.map((_, index) => demoId('decision', round * 10_000 + index + 1)),
      decided.map(({ content }) => JSON.stringify(content)),
      staffId('operator'),
    ],
  );
}

/** Brings offers with a second version to it, as their market's edit did. */
async function edit(client: ClientBase, offers: readonly DemoOffer[], round: number): Promise<void> {
  const rows = offers.flatMap((offer) => {
    const version = offer.versions[round];
    return version ? [versionRow(offer, version)] : [];
  });
  const names = Object.keys(versionColumns).filter((name) => name !== 'market_id' && name !== 'id');
  await client.query(
    `update offer set ${names.map((name) => `${name} = v.${name}`).join(', ')}
     from jsonb_to_recordset($1) as v (${Object.entries(versionColumns)
       .map(([name, type]) => `${name} ${type}`)
       .join(', ')})
     where offer.market_id = v.market_id and offer.id = v.id`,
    [JSON.stringify(rows)],
  );
}

/** Writes offers the way they came to be: first version, verdicts, second version, verdicts, end. */
export async function writeOffers(client: ClientBase, offers: readonly DemoOffer[]): Promise<void> {
  const first = offers.map((offer) => ({
    ...versionRow(offer, offer.versions[0]!),
    created_at: offer.createdAt,
  }));
  await insertRows(client, 'offer', { ...versionColumns, created_at: 'timestamptz' }, first);
  await decide(client, offers, 0);
  await edit(client, offers, 1);
  await decide(client, offers, 1);
  const ended = offers.filter((offer) => offer.endedAt);
  await client.query(
    `update offer set ended_at = e.at, updated_at = e.at
     from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as e (market_id, id, at)
     where offer.market_id = e.market_id and offer.id = e.id`,
    [
      ended.map((offer) => offer.market.id),
      ended.map((offer) => offer.id),
      ended.map((offer) => offer.endedAt!.toISOString()),
    ],
  );
  const links = offers.flatMap((offer) =>
    offer.versions.at(-1)!.content.branchIds.map((branch) => ({
      market_id: offer.market.id,
      offer_id: offer.id,
      branch_id: branch,
    })),
  );
  await insertRows(client, 'offer_branch', { market_id: 'uuid', offer_id: 'uuid', branch_id: 'uuid' }, links);
}
