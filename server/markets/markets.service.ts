import { v7 as uuid } from 'uuid';
import { type AuditRecord, recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { conflict, invalid, notFound } from '../errors.ts';
import { belowUse } from '../plans/below-use.ts';
import { planOverruns } from '../plans/usage.queries.ts';
import { newInvitation } from '../team/invitation-secret.ts';
import { type MarketState, statesBefore } from './market-states.ts';
import type { MarketInput, MarketSettings } from './markets.input.ts';

export interface CreatedMarket {
  readonly id: string;
  /** Goes into the link of the owner's mail and nowhere else. */
  readonly secret: string;
}

/**
 * Makes an active market and invites its owner, both or neither.
 * @throws AppError 422 on `slug` when it is taken, on `planId` when there is no such plan.
 */
export function createMarket(db: ScopedClient, input: MarketInput, now: Date): Promise<CreatedMarket> {
  const { ownerName, ownerEmail, ...settings } = input;
  return db.$transaction(async (tx) => {
    await checkReferences(tx, settings.planId, settings.slug);
    const marketId = uuid();
    const { secret, row } = newInvitation(now);
    await tx.market.create({ data: { ...settings, id: marketId, state: 'active' }, select: { id: true } });
    const owner = { marketId, id: uuid(), name: ownerName, email: ownerEmail, locale: settings.locale };
    await tx.teamMember.createMany({ data: [{ ...row, ...owner, role: 'owner', state: 'invited' }] });
    const details = { slug: settings.slug, owner: ownerEmail };
    await audit(tx, 'market.create', marketId, details, { after: { ...settings, state: 'active' } });
    return { id: marketId, secret };
  });
}

async function checkReferences(tx: ScopedClient, planId: string, slug?: string): Promise<void> {
  if (!(await tx.plan.findUnique({ where: { id: planId } }))) throw invalid({ planId: 'form:notOffered' });
  if (slug && (await tx.market.findFirst({ where: { slug }, select: { id: true } }))) {
    throw invalid({ slug: 'markets:slugTaken' });
  }
}

/** @throws AppError 404; 422 on `planId`; 409 `below-use` for a plan that allows less than is used, unless that is accepted. */
export function updateMarket(
  db: ScopedClient,
  id: string,
  { acceptOverLimit, ...input }: MarketSettings,
  now: Date,
): Promise<void> {
  return db.$transaction(async (tx) => {
    await checkReferences(tx, input.planId);
    const over = acceptOverLimit ? [] : await planOverruns(tx, id, input.planId, now);
    if (over.length > 0) throw belowUse(over);
    const before = await tx.market.findFirst({ where: { id } });
    const { count } = await tx.market.updateMany({ where: { id }, data: input });
    if (count === 0) throw notFound();
    await audit(tx, 'market.update', id, { plan: input.planId }, { before, after: input });
  });
}

/**
 * Moves one market to a state, if it may go there from where it is. Its sessions feel it at their next request.
 * @throws AppError 404; 409 `market-state`
 */
export function setMarketState(
  db: ScopedClient,
  id: string,
  state: MarketState,
  reason: string,
): Promise<void> {
  return db.$transaction(async (tx) => {
    if (await move(tx, id, state, reason)) return;
    const market = await tx.market.findFirst({ where: { id }, select: { state: true } });
    if (!market) throw notFound();
    if (market.state !== state) throw conflict('market-state', { from: market.state, to: state });
  });
}

/** The same for many: those that can't go there are left as they are. @returns how many moved. */
export function setMarketStates(
  db: ScopedClient,
  ids: readonly string[],
  state: MarketState,
  reason: string,
): Promise<number> {
  return db.$transaction(async (tx) => {
    let moved = 0;
    // In one order, whoever asks: two such changes at once must not wait for each other.
    for (const id of [...new Set(ids)].sort()) if (await move(tx, id, state, reason)) moved++;
    return moved;
  });
}

const VERB: Readonly<Record<MarketState, string>> = {
  applied: 'apply',
  active: 'activate',
  suspended: 'suspend',
  closed: 'close',
};

async function move(tx: ScopedClient, id: string, state: MarketState, reason: string): Promise<boolean> {
  const before = await tx.market.findFirst({ where: { id }, select: { state: true, stateReason: true } });
  const after = { state, stateReason: reason || null };
  const { count } = await tx.market.updateMany({
    where: { id, state: { in: [...statesBefore(state)] } },
    data: after,
  });
  if (count === 0) return false;
  await audit(tx, `market.${VERB[state]}`, id, reason ? { reason } : {}, { before, after });
  return true;
}

export interface RenewedInvitation {
  readonly secret: string;
  readonly member: { readonly name: string; readonly email: string; readonly locale: string };
}

/** A new link for somebody who was invited and has not come yet. @throws AppError 404; 409 `not-invited` */
export function renewOwnerInvitation(
  db: ScopedClient,
  marketId: string,
  memberId: string,
  now: Date,
): Promise<RenewedInvitation> {
  return db.$transaction(async (tx) => {
    const where = { marketId, id: memberId };
    const select = { name: true, email: true, locale: true, state: true, invitationEndsAt: true };
    const member = await tx.teamMember.findFirst({ where, select });
    if (!member) throw notFound();
    if (member.state !== 'invited') throw conflict('not-invited');
    const { secret, row } = newInvitation(now);
    await tx.teamMember.updateMany({ where, data: row });
    const { invitationEndsAt } = row;
    await audit(
      tx,
      'member.renew-invitation',
      marketId,
      { member: memberId },
      renewed(member, invitationEndsAt),
    );
    return { secret, member };
  });
}

const renewed = ({ invitationEndsAt }: { invitationEndsAt: Date | null }, until: Date) => ({
  ...{ before: { invitationEndsAt }, after: { invitationEndsAt: until } },
});

const audit = (
  tx: ScopedClient,
  action: string,
  marketId: string,
  details: Record<string, string>,
  states: Pick<AuditRecord, 'before' | 'after'> = {},
) => recordAudit(tx, { action, subjectType: 'market', subjectId: marketId, details, marketId, ...states });
