import { v7 as uuid } from 'uuid';
import { type AuditRecord, recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { oneByOne } from '../db/one-by-one.ts';
import { conflict, invalid, notFound } from '../errors.ts';
import { removeSchedulesOf } from '../exports/schedules.service.ts';
import { newInvitation } from './invitation-secret.ts';
import type { InvitationInput, MemberInput } from './team.input.ts';

export interface Invited {
  readonly id: string;
  /** Goes into the link of the mail and nowhere else. */
  readonly secret: string;
}

/**
 * Invites a person to the scope's market; somebody who was removed earlier comes back under the same id.
 * @throws AppError 422 on `email` for a present member; 409 `plan-limit`.
 */
export async function inviteMember(db: ScopedClient, input: InvitationInput, now: Date): Promise<Invited> {
  try {
    return await invite(db, input, now);
  } catch (error) {
    // Somebody else invited the same address meanwhile: now there is a row to find.
    if ((error as { code?: string }).code !== 'P2002') throw error;
    return invite(db, input, now);
  }
}

function invite(db: ScopedClient, input: InvitationInput, now: Date): Promise<Invited> {
  return db.$transaction(async (tx) => {
    const { secret, row } = newInvitation(now);
    const before = await tx.teamMember.findFirst({
      where: { email: input.email },
      select: { id: true, name: true, role: true, state: true },
    });
    if (before?.state === 'active') throw invalid({ email: 'team:alreadyMember' });
    const id = before?.id ?? uuid();
    const { name, role, email, locale } = input;
    if (before)
      await tx.teamMember.updateMany({ where: { id }, data: { ...row, name, role, state: 'invited' } });
    else
      await tx.teamMember.createMany({ data: [{ ...row, id, name, role, email, locale, state: 'invited' }] });
    await audit(
      tx,
      'member.invite',
      id,
      { email, role },
      { before, after: { name, role, email, state: 'invited' } },
    );
    return { id, secret };
  });
}

/** A new link for an open invitation; the old one stops working. @throws AppError 404, 409 `not-invited` */
export function renewInvitation(db: ScopedClient, id: string, now: Date): Promise<Invited> {
  return db.$transaction(async (tx) => {
    const { secret, row } = newInvitation(now);
    const before = await tx.teamMember.findFirst({ where: { id }, select: { invitationEndsAt: true } });
    const { count } = await tx.teamMember.updateMany({ where: { id, state: 'invited' }, data: row });
    if (count === 0) throw await missing(tx, id, 'not-invited');
    const after = { invitationEndsAt: row.invitationEndsAt };
    await audit(tx, 'member.renew-invitation', id, {}, { before, after });
    return { id, secret };
  });
}

/** @throws AppError 404; 409 `last-owner` when nobody would be left to run the market. */
export function updateMember(db: ScopedClient, id: string, input: MemberInput): Promise<void> {
  return oneByOne(db, async (tx) => {
    const before = await tx.teamMember.findFirst({ where: { id }, select: MEMBER });
    const { count } = await tx.teamMember.updateMany({
      where: { id, state: { not: 'removed' } },
      data: input,
    });
    if (count === 0) throw notFound();
    await checkOwner(tx);
    await audit(tx, 'member.update', id, { role: input.role }, { before, after: input });
  });
}

/** Ends membership: open sessions stop at their next request. @throws AppError 404; 409 `last-owner` */
export function removeMember(db: ScopedClient, id: string): Promise<void> {
  return oneByOne(db, async (tx) => {
    const before = await tx.teamMember.findFirst({ where: { id }, select: MEMBER });
    const { count } = await tx.teamMember.updateMany({
      where: { id, state: { not: 'removed' } },
      data: { state: 'removed', invitationDigest: null, invitationEndsAt: null },
    });
    if (count === 0) throw notFound();
    await removeSchedulesOf(tx, id);
    await checkOwner(tx);
    await audit(tx, 'member.remove', id, {}, { before, after: { state: 'removed' } });
  });
}

async function checkOwner(tx: ScopedClient): Promise<void> {
  if ((await tx.teamMember.count({ where: { role: 'owner', state: 'active' } })) === 0)
    throw conflict('last-owner');
}

async function missing(tx: ScopedClient, id: string, code: string): Promise<Error> {
  return (await tx.teamMember.findFirst({ where: { id }, select: { id: true } }))
    ? conflict(code)
    : notFound();
}

/** What the trail tells of a member. */
const MEMBER = { name: true, role: true, email: true, locale: true, state: true } as const;

const audit = (
  tx: ScopedClient,
  action: string,
  subjectId: string,
  details: Record<string, string>,
  states: Pick<AuditRecord, 'before' | 'after'> = {},
) => recordAudit(tx, { action, subjectType: 'member', subjectId, details, ...states });
