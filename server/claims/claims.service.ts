import { v7 as uuid } from 'uuid';
import { recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { ScopeRefusedError } from '../db/db.errors.ts';
import { type Direct, sql } from '../db/direct.ts';
import { type AppError, conflict, invalid, notFound, unauthorized } from '../errors.ts';
import { isId } from '../http/ids.ts';
import { isCode } from './claim-code.ts';
import { findClaimByCode, type OwnClaim, openBranches } from './claims.queries.ts';

/** 23505: two claims of a market drew one code; with a trillion of them that hardly happens twice. */
const CODE_TAKEN = '23505';
/** 23503: the shopper was deleted between the session's check and this statement. */
const SHOPPER_GONE = '23503';

/**
 * Claims an offer for the shopper of the scope. First come, first served: triggers keep the limits, whatever else runs.
 * @throws AppError 404 no such offer now; 409 `sold-out`; 409 `claimed-already` with the `claimId` of what they have.
 */
export async function claimOffer(direct: Direct, offerId: string): Promise<OwnClaim> {
  if (!isId(offerId)) throw notFound();
  for (let tries = 1; ; tries++) {
    try {
      return await insertClaim(direct, offerId);
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      if (code === CODE_TAKEN && tries < 3) continue;
      if (code === SHOPPER_GONE) throw unauthorized('token-refused');
      throw await claimRefusal(error, direct, offerId);
    }
  }
}

interface ClaimedRow {
  readonly id: string;
  readonly offer_id: string;
  readonly code: string;
  readonly state: string;
  readonly title_en: string;
  readonly title_ar: string;
  readonly price: number;
  readonly currency: string;
  readonly claimed_at: string;
  readonly expires_at: string | null;
}

/** One statement, whose answer is the claim: a second one could fail when the claim is already made. */
async function insertClaim({ scope, rows }: Direct, offerId: string): Promise<OwnClaim> {
  const [row] = await rows<ClaimedRow>(sql`
    insert into claim (market_id, id, offer_id, shopper_id)
    values (${scope.marketId}, ${uuid()}, ${offerId}, ${scope.actor.id})
    returning id, offer_id, code, state, title_en, title_ar, price, currency, claimed_at, expires_at`);
  const { id, code, state, price, currency, title_en, title_ar, claimed_at, expires_at } = row!;
  return {
    ...{ id, offerId: row!.offer_id, code, state, titleEn: title_en, titleAr: title_ar, price, currency },
    claimedAt: new Date(claimed_at),
    expiresAt: expires_at === null ? null : new Date(expires_at),
    redeemedAt: null,
  };
}

/** The answer to what the triggers of `claim` raise; anything else stays what it is. */
async function claimRefusal(error: unknown, direct: Direct, offerId: string): Promise<unknown> {
  const state = error instanceof ScopeRefusedError && error.sqlState;
  if (state === 'BH001') return notFound();
  if (state !== 'BH002' && state !== 'BH003') return error;
  // Of an offer that is sold out the database says so first; but whoever has theirs is told that they have.
  const own = await latestClaim(direct, offerId);
  if (own && (state === 'BH003' || own.is_all)) return conflict('claimed-already', { claimId: own.id });
  return conflict('sold-out');
}

/** What a second press of the button is told about, and whether there is no more for this shopper. */
async function latestClaim({ scope, rows }: Direct, offerId: string) {
  const [claim] = await rows<{ id: string; is_all: boolean }>(sql`
    select claim.id, count(*) over () >= offer.claim_limit_per_shopper as is_all
    from claim join offer on offer.market_id = claim.market_id and offer.id = claim.offer_id
    where claim.market_id = ${scope.marketId} and claim.offer_id = ${offerId} and claim.shopper_id = ${scope.actor.id}
      and claim.state <> 'cancelled'
    order by claim.claimed_at desc, claim.id desc limit 1`);
  return claim;
}

export interface Redemption {
  readonly code: string;
  readonly branchId: string | null;
}

/**
 * Redeems a claim of the scope's market: once, whoever else tries at the same moment.
 * @returns the claim's id.
 * @throws AppError 404; 409 `claim-not-open`, `claim-expired`; 422 at `branchId`.
 */
export function redeemClaim(db: ScopedClient, { code, branchId }: Redemption): Promise<string> {
  if (!isCode(code)) throw notFound();
  return db.$transaction(async (tx) => {
    const { id, offerId } = await findClaimByCode(tx, code);
    await checkBranch(tx, branchId);
    const { count } = await tx.claim
      .updateMany({ where: { id }, data: { state: 'redeemed', branchId } })
      .catch((error: unknown) => {
        throw redemptionRefusal(error);
      });
    if (count === 0) throw notFound();
    await recordAudit(tx, {
      ...{ action: 'claim.redeem', subjectType: 'claim', subjectId: id },
      details: { code, offerId },
      ...{ before: { state: 'open', branchId: null }, after: { state: 'redeemed', branchId } },
    });
    return id;
  });
}

/** Figures by branch are worth nothing when half of the redemptions name none. */
async function checkBranch(tx: ScopedClient, branchId: string | null): Promise<void> {
  const open = await openBranches(tx);
  if (branchId === null && open.length > 0) throw invalid({ branchId: 'claims:branchMissing' });
  if (branchId !== null && !open.some(({ id }) => id === branchId))
    throw invalid({ branchId: 'form:notOffered' });
}

function redemptionRefusal(error: unknown): AppError | unknown {
  switch (error instanceof ScopeRefusedError && error.sqlState) {
    case 'BH004':
      return conflict('claim-not-open');
    case 'BH005':
      return conflict('claim-expired');
    default:
      return error;
  }
}
