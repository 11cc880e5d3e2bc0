import { z } from 'zod';
import type { ScopedClient } from '../db/client.ts';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { verdictInput } from './moderation.input.ts';
import {
  findModerated,
  lastApproved,
  listModeration,
  listVerdicts,
  moderationList,
} from './moderation.queries.ts';
import { decideOffer } from './moderation.service.ts';
import { snapshotOf } from './offer-content.ts';
import { offerStates, stateOf, type Timed } from './offer-state.ts';

const named = z.object({ id, nameEn: z.string(), nameAr: z.string() });

const row = z.object({
  id,
  market: named,
  state: z.enum(offerStates),
  titleEn: z.string(),
  titleAr: z.string(),
  price: z.int().meta({ description: 'In minor units' }),
  currency: z.string(),
  category: named.nullable(),
  startsAt: instant.nullable(),
  endsAt: instant.nullable(),
  submission: z.int(),
  submittedAt: instant.nullable(),
  updatedAt: instant,
});

const content = z.object({
  ...{ titleEn: z.string(), titleAr: z.string(), textEn: z.string(), textAr: z.string() },
  ...{ price: z.int(), oldPrice: z.int().nullable(), currency: z.string() },
  ...{ categoryId: id.nullable(), imageId: id.nullable(), branchIds: z.array(id) },
  ...{ startsAt: instant.nullable(), endsAt: instant.nullable() },
});

const whole = row.extend({
  contentDigest: z.string().meta({ description: 'Send it with the decision: it names what you have read' }),
  content,
  lastApproved: content.nullable().meta({ description: 'Null when no other content was ever approved' }),
  decisions: z.array(
    z.object({
      decision: z.enum(['approved', 'rejected']),
      reason: z.string(),
      decidedAt: instant,
      decidedByName: z.string(),
    }),
  ),
});

const params = z.object({ marketId: id, id });
const tag = 'Moderation';

/** The JSON twins of the moderation pages. */
export function offersAdminOperations({ clock }: Pick<Deps, 'clock'>): readonly Operation[] {
  const shown = <Row extends Timed>(found: Row) => ({ ...found, state: stateOf(found, clock()) });
  const read = async (db: ScopedClient, marketId: string, offerId: string) => {
    const offer = await findModerated(db, marketId, offerId);
    const [decisions, approved] = await Promise.all([
      listVerdicts(db, marketId, offerId),
      lastApproved(db, marketId, offerId, offer.contentDigest),
    ]);
    return { ...shown(offer), content: snapshotOf(offer), lastApproved: approved, decisions };
  };
  return [
    operation({
      ...{ method: 'get', path: '/offers', tag, summary: 'List submitted offers of all markets' },
      description: 'Those that wait for a decision, oldest first, unless another state is asked for.',
      query: listSchema(moderationList),
      response: z.object({
        rows: z.array(row),
        next: z.string().nullable(),
        previous: z.string().nullable(),
      }),
      handler: async (db, { req }) => {
        const found = await listModeration(db, parseList(moderationList, req.query, 'strict'), clock());
        return { ...found, rows: found.rows.map(shown) };
      },
    }),
    operation({
      ...{
        method: 'get',
        path: '/markets/:marketId/offers/:id',
        tag,
        summary: 'One offer, and what was last approved',
      },
      ...{ params, response: whole },
      handler: (db, { params }) => read(db, params.marketId, params.id),
    }),
    operation({
      ...{
        method: 'post',
        path: '/markets/:marketId/offers/:id/decision',
        tag,
        summary: 'Approve or reject',
      },
      description:
        'Rejecting a live offer takes it down. 409 when the content is no longer what the digest names.',
      ...{ roles: ['operator'], params, body: verdictInput, response: whole },
      handler: async (db, { params: { marketId, id: offerId }, body }) => {
        await decideOffer(db, { marketId, offerId, ...body }, clock());
        return read(db, marketId, offerId);
      },
    }),
  ];
}
