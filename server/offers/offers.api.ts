import { z } from 'zod';
import type { ScopedClient } from '../db/client.ts';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { createUploads } from '../images/uploads.ts';
import { offerStates, stateOf } from './offer-state.ts';
import { type OfferContent, offerBody, offerPatch } from './offers.input.ts';
import {
  findOffer,
  listDecisions,
  listOffers,
  type OfferRow,
  offerList,
  versionOf,
} from './offers.queries.ts';
import { copyOffer, createOffer, type Picture, updateOffer } from './offers.service.ts';
import { endOffer, submitOffer, withdrawOffer } from './submission.service.ts';

const named = z.object({ id, nameEn: z.string(), nameAr: z.string() });

/** What an offer's row says in every list of offers. Money in minor units. */
export const offerSummary = z.object({
  id,
  state: z.enum(offerStates).meta({ description: '`scheduled` is approved and not yet begun' }),
  titleEn: z.string(),
  titleAr: z.string(),
  price: z.int(),
  oldPrice: z.int().nullable(),
  currency: z.string(),
  category: named.nullable(),
  imageId: id.nullable(),
  startsAt: instant.nullable(),
  endsAt: instant.nullable(),
  submittedAt: instant.nullable(),
  updatedAt: instant,
  version: z.string().meta({ description: 'Send it back with a change' }),
});

const offerWhole = offerSummary.extend({
  textEn: z.string(),
  textAr: z.string(),
  branches: z.array(named),
  submission: z.int(),
  claimLimit: z.int().nullable(),
  claimLimitPerShopper: z.int(),
  claimed: z.int().meta({ description: 'How often it has been claimed' }),
  endedAt: instant.nullable(),
  createdAt: instant,
  decisions: z.array(
    z.object({ decision: z.enum(['approved', 'rejected']), reason: z.string(), decidedAt: instant }),
  ),
});

const page = z.object({
  rows: z.array(offerSummary),
  next: z.string().nullable(),
  previous: z.string().nullable(),
});

const params = z.object({ id });
const tag = 'Offers';
const roles = ['owner', 'manager'] as const;

const EMPTY: OfferContent = {
  ...{ titleEn: '', titleAr: '', textEn: '', textAr: '', price: 0, oldPrice: null, categoryId: null },
  ...{ branchIds: [], startsAt: null, endsAt: null },
  ...{ claimLimit: null, claimLimitPerShopper: 1 },
};

/** The JSON twins of the offer pages. */
export function offersPartnerOperations(deps: Pick<Deps, 'uploadsDir' | 'clock'>): readonly Operation[] {
  const tools = { uploads: createUploads(deps.uploadsDir), clock: deps.clock };
  const read = (db: ScopedClient, offerId: string) => readOffer(db, offerId, deps.clock());
  const list = offerList('en');
  return [
    operation({
      ...{ method: 'get', path: '/offers', tag, summary: 'List offers' },
      query: listSchema(list),
      response: page,
      handler: async (db, { req }) => {
        const found = await listOffers(db, parseList(list, req.query, 'strict'), deps.clock());
        return { ...found, rows: found.rows.map((row) => summary(row, deps.clock())) };
      },
    }),
    operation({
      ...{ method: 'post', path: '/offers', tag, summary: 'Write a draft', roles },
      ...{ body: offerBody, response: offerWhole, status: 201 },
      handler: async (db, { body: { imageId, ...content } }) =>
        read(
          db,
          await createOffer(db, tools, { content: { ...EMPTY, ...given(content) }, ...picture(imageId) }),
        ),
    }),
    operation({
      ...{ method: 'get', path: '/offers/:id', tag, summary: 'One offer' },
      ...{ params, response: offerWhole },
      handler: (db, { params }) => read(db, params.id),
    }),
    operation({
      ...{ method: 'patch', path: '/offers/:id', tag, summary: 'Change an offer', roles },
      description: 'A live or rejected offer becomes a draft until it is submitted again.',
      ...{ params, body: offerPatch, response: offerWhole },
      handler: async (db, { params, body: { imageId, version, ...content } }) => {
        await updateOffer(db, tools, params.id, version, { content: given(content), ...picture(imageId) });
        return read(db, params.id);
      },
    }),
    verb('submission', 'Submit for approval', (db, offerId) => submitOffer(db, offerId, deps.clock())),
    verb('withdrawal', 'Withdraw from approval', (db, offerId) => withdrawOffer(db, offerId, deps.clock())),
    verb('end', 'End for good', (db, offerId) => endOffer(db, offerId, deps.clock())),
    operation({
      ...{ method: 'post', path: '/offers/:id/copies', tag, summary: 'Copy into a new draft', roles },
      ...{ params, response: offerWhole, status: 201 },
      handler: async (db, { params }) => read(db, await copyOffer(db, params.id, deps.clock())),
    }),
  ];

  function verb(
    name: string,
    summary: string,
    work: (db: ScopedClient, offerId: string) => Promise<void>,
  ): Operation {
    return operation({
      ...{ method: 'post', path: `/offers/:id/${name}`, tag, summary, roles },
      ...{ params, response: offerWhole },
      handler: async (db, { params }) => {
        await work(db, params.id);
        return read(db, params.id);
      },
    });
  }
}

async function readOffer(db: ScopedClient, offerId: string, now: Date) {
  const [offer, decisions] = await Promise.all([findOffer(db, offerId), listDecisions(db, offerId)]);
  const branches = offer.branches.map(({ branch }) => branch);
  const claimed = offer.claimed?.claimed ?? 0;
  return { ...offer, ...summary(offer, now), branches, decisions, claimed };
}

const summary = (row: OfferRow, now: Date) => ({ ...row, state: stateOf(row, now), version: versionOf(row) });

const picture = (imageId: string | null | undefined): { picture?: Picture } =>
  imageId === undefined ? {} : { picture: { id: imageId } };

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function given<T extends object>(content: T): Given<T> {
  return Object.fromEntries(Object.entries(content).filter(([, value]) => value !== undefined)) as Given<T>;
}
