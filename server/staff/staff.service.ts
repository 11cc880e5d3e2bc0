import { v7 as uuid } from 'uuid';
import { type AuditRecord, recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { oneByOne } from '../db/one-by-one.ts';
import { conflict, invalid, notFound } from '../errors.ts';
import type { StaffChange, StaffInput } from './staff.input.ts';

/** @returns the id of the invited person. @throws AppError 422 on `email` when it is taken. */
export function inviteStaff(db: ScopedClient, input: StaffInput, id: string = uuid()): Promise<string> {
  return db.$transaction(async (tx) => {
    if (await tx.staffUser.findFirst({ where: { email: input.email }, select: { id: true } })) {
      throw invalid({ email: 'staff:alreadyStaff' });
    }
    await tx.staffUser.createMany({ data: [{ ...input, id, state: 'invited' }] });
    await audit(tx, 'staff.invite', id, { email: input.email, role: input.role }, { after: input });
    return id;
  });
}

/** A new link for somebody who has not come yet; the old one holds until it is out of date. */
export const recordRenewal = (db: ScopedClient, id: string): Promise<void> =>
  audit(db, 'staff.renew-invitation', id, {}, {});

/** @throws AppError 404; 409 `last-operator` when nobody could act any more. */
export function updateStaff(db: ScopedClient, id: string, change: StaffChange): Promise<void> {
  return oneByOne(db, async (tx) => {
    const before = await tx.staffUser.findFirst({ where: { id }, select: { name: true, role: true } });
    const { count } = await tx.staffUser.updateMany({ where: { id }, data: change });
    if (count === 0) throw notFound();
    await checkOperators(tx);
    await audit(tx, 'staff.update', id, { role: change.role }, { before, after: change });
  });
}

/**
 * Disables or enables an account; a disabled one is refused at its next request.
 * @throws AppError 404; 409 `last-operator`, `not-invited` for somebody who never came.
 */
export function setStaffState(db: ScopedClient, id: string, state: 'active' | 'disabled'): Promise<void> {
  return oneByOne(db, async (tx) => {
    const from = state === 'active' ? 'disabled' : 'active';
    const { count } = await tx.staffUser.updateMany({ where: { id, state: from }, data: { state } });
    if (count === 0) {
      if (!(await tx.staffUser.findFirst({ where: { id }, select: { id: true } }))) throw notFound();
      throw conflict('staff-state');
    }
    await checkOperators(tx);
    await audit(
      tx,
      state === 'active' ? 'staff.enable' : 'staff.disable',
      id,
      {},
      { before: { state: from }, after: { state } },
    );
  });
}

/** Asked after the change and one by one: two operators who disable each other must not both succeed. */
async function checkOperators(tx: ScopedClient): Promise<void> {
  const left = await tx.staffUser.count({ where: { role: 'operator', state: 'active' } });
  if (left === 0) throw conflict('last-operator');
}

const audit = (
  tx: ScopedClient,
  action: string,
  subjectId: string,
  details: Record<string, string>,
  states: Pick<AuditRecord, 'before' | 'after'>,
) => recordAudit(tx, { action, subjectType: 'staff', subjectId, details, ...states });
