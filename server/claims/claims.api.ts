import { z } from 'zod';
import type { ScopedClient } from '../db/client.ts';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { findMarketName } from '../shoppers/shoppers.queries.ts';
import { shownRow } from './claim-shown.ts';
import { claimList, claimListOfMarket, claimStates, redemptionBody } from './claims.input.ts';
import { claimStateOf, findClaim, listClaims } from './claims.queries.ts';
import { redeemClaim } from './claims.service.ts';

const branch = z.object({ id, nameEn: z.string(), nameAr: z.string() }).nullable();

const claim = z.object({
  ...{ id, offerId: id, code: z.string(), titleEn: z.string(), titleAr: z.string() },
  state: z.enum(claimStates).meta({ description: '`expired` is open, past its end' }),
  price: z.int().meta({ description: 'In minor units, as it was when it was claimed' }),
  ...{ currency: z.string(), claimedAt: instant, expiresAt: instant.nullable() },
  ...{ redeemedAt: instant.nullable(), branch },
});

const listed = claim.extend({
  shopper: z
    .object({
      label: z.string(),
      email: z.string().nullable().meta({ description: 'For managers, of who wants messages' }),
    })
    .nullable()
    .meta({ description: 'null once the shopper has deleted their account' }),
});

const page = z.object({
  rows: z.array(listed),
  next: z.string().nullable(),
  previous: z.string().nullable(),
});
const tag = 'Claims';

/** The JSON twins of the pages of claims and redemptions. */
export function claimsPartnerOperations({ clock }: Pick<Deps, 'clock'>): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/claims', tag, summary: 'List claims' },
      ...{ query: listSchema(claimList), response: page },
      handler: (db, { req }) => read(db, clock(), parseList(claimList, req.query, 'strict')),
    }),
    operation({
      ...{ method: 'post', path: '/redemptions', tag, summary: 'Redeem a claim by its code' },
      description: 'Once: a code that is used up or has expired is a 409.',
      ...{ body: redemptionBody, response: claim, status: 201 },
      handler: async (db, { body }) => {
        const redeemed = await redeemClaim(db, { code: body.code, branchId: body.branchId ?? null });
        const row = await findClaim(db, redeemed);
        return { ...row, state: claimStateOf(row, clock()) };
      },
    }),
  ];
}

const params = z.object({ id });

/** For staff: the claims of one market. */
export function claimsAdminOperations({ clock }: Pick<Deps, 'clock'>): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/markets/:id/claims', tag, summary: 'List the claims of a market' },
      ...{ params, query: listSchema(claimListOfMarket), response: page },
      handler: async (db, { params, req }) =>
        read(
          db,
          clock(),
          parseList(claimListOfMarket, req.query, 'strict'),
          (await findMarketName(db, params.id)).id,
        ),
    }),
  ];
}

async function read(db: ScopedClient, now: Date, list: Parameters<typeof listClaims>[1], marketId?: string) {
  const found = await listClaims(db, list, now, marketId);
  const rows = found.rows.map((row) => {
    const { state, label, email } = shownRow(row, now);
    // Staff look an address up where that leaves a trace.
    const shopper = label && { label, email: marketId ? null : email };
    return { ...row, state, shopper };
  });
  return { ...found, rows };
}
