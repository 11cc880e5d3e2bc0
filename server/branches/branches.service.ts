import { v7 as uuid } from 'uuid';
import { type AuditRecord, recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { notFound } from '../errors.ts';
import type { BranchInput } from './branches.input.ts';

/**
 * Adds a branch, within what the market's plan allows.
 * @returns its id.
 * @throws AppError 409 `plan-limit`
 */
export function createBranch(db: ScopedClient, input: BranchInput): Promise<string> {
  return db.$transaction(async (tx) => {
    const id = uuid();
    await tx.branch.createMany({ data: [{ id, ...input }] });
    await audit(tx, 'branch.create', id, { nameEn: input.nameEn }, { after: input });
    return id;
  });
}

/** @throws AppError 404 */
export function updateBranch(db: ScopedClient, id: string, input: BranchInput): Promise<void> {
  return db.$transaction(async (tx) => {
    const before = await tx.branch.findFirst({ where: { id } });
    const { count } = await tx.branch.updateMany({ where: { id }, data: input });
    if (count === 0) throw notFound();
    await audit(tx, 'branch.update', id, { nameEn: input.nameEn }, { before, after: input });
  });
}

/**
 * Opens or closes a branch. Closed ones stay, because offers and figures speak of them.
 * @throws AppError 404; 409 `plan-limit` when opening one more than the plan allows.
 */
export function setBranchState(db: ScopedClient, id: string, state: 'open' | 'closed'): Promise<void> {
  return db.$transaction(async (tx) => {
    const { count } = await tx.branch.updateMany({ where: { id, state: { not: state } }, data: { state } });
    if (count === 0) {
      if (!(await tx.branch.findFirst({ where: { id }, select: { id: true } }))) throw notFound();
      return;
    }
    const before = { state: state === 'open' ? 'closed' : 'open' };
    await audit(tx, state === 'open' ? 'branch.open' : 'branch.close', id, {}, { before, after: { state } });
  });
}

const audit = (
  tx: ScopedClient,
  action: string,
  subjectId: string,
  details: Record<string, string>,
  states: Pick<AuditRecord, 'before' | 'after'>,
) => recordAudit(tx, { action, subjectType: 'branch', subjectId, details, ...states });
