import { v7 as uuid } from 'uuid';
import { recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { ScopeRefusedError } from '../db/db.errors.ts';
import { type Direct, sql } from '../db/direct.ts';
import { type AppError, conflict, invalid, notFound, unauthorized } from '../errors.ts';
import { isId } from '../http/ids.ts';
import { isCode } from './claim-code.ts';
import { findClaimByCode, openBranches } from './claims.queries.ts';

/** 23505: two claims of a market drew one code; with a trillion of them that hardly happens twice. */
const CODE_TAKEN = '23505';
/** 23503: the shopper was deleted between the session's check and this statement. */
const SHOPPER_GONE = '23503';

/**
 * Claims an offer for the shopper of the scope. First come, first served: triggers keep the limits, whatever else runs.
 * @returns the claim's id.
 * @throws AppError 404 no such offer now; 409 `sold-out`; 409 `claimed-already` with the `claimId` of what they have.
 */
export async function claimOffer(direct: Direct, offerId: string): Promise<string> {
  if (!isId(offerId)) throw notFound();
  for (let tries = 1; ; tries++) {
    const id = uuid();
    try {
      await insertClaim(direct, id, offerId);
      return id;
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      if (code === CODE_TAKEN && tries < 3) continue;
      if (code === SHOPPER_GONE) throw unauthorized('token-refused');
      throw await claimRefusal(error, () => latestClaim(direct, offerId));
    }
  }
}

function insertClaim({ scope, affected }: Direct, id: string, offerId: string): Promise<number> {
  return affected(sql`
    insert into claim (market_id, id, offer_id, shopper_id)
    values (${scope.marketId}, ${id}, ${offerId}, ${scope.actor.id})`);
}

/** What a second press of the button is told about. */
async function latestClaim({ scope, rows }: Direct, offerId: string): Promise<string | undefined> {
  const [claim] = await rows<{ id: string }>(sql`
    select id from claim
    where market_id = ${scope.marketId} and offer_id = ${offerId} and shopper_id = ${scope.actor.id} and state <> 'cancelled'
    order by claimed_at desc, id desc limit 1`);
  return claim?.id;
}

/** The answer to what the triggers of `claim` raise; anything else stays what it is. */
async function claimRefusal(error: unknown, existing: () => Promise<string | undefined>): Promise<unknown> {
  switch (error instanceof ScopeRefusedError && error.sqlState) {
    case 'BH001':
      return notFound();
    case 'BH002':
      return conflict('sold-out');
    case 'BH003':
      return conflict('claimed-already', { claimId: await existing() });
    default:
      return error;
  }
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
