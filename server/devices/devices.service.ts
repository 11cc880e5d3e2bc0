import { v7 as uuid } from 'uuid';
import { recordAudit } from '../audit/audit.service.ts';
import { codeDigest } from '../auth/till-pairing.ts';
import type { ScopedClient } from '../db/client.ts';
import { invalid, notFound } from '../errors.ts';
import type { DeviceInput } from './devices.input.ts';
import { newPairingCode } from './pairing-code.ts';

/** Codes are kept for a day, for whoever looks what became of one. */
const KEPT = 86_400_000;

export interface NewPairing {
  readonly id: string;
  /** Exists nowhere else from here on. */
  readonly code: string;
}

/** Makes a code that one device may pair with. @throws AppError 422 for a branch that is none, or closed */
export function addDevice(db: ScopedClient, { name, branchId }: DeviceInput, now: Date): Promise<NewPairing> {
  return db.$transaction(async (tx) => {
    const branch = await tx.branch.findFirst({
      where: { id: branchId, state: 'open' },
      select: { id: true },
    });
    if (!branch) throw invalid({ branchId: 'form:notOffered' });
    await tx.devicePairing.deleteMany({ where: { createdAt: { lt: new Date(now.getTime() - KEPT) } } });
    const [id, code] = [uuid(), newPairingCode()];
    await tx.devicePairing.createMany({ data: [{ id, branchId, name, codeDigest: codeDigest(code) }] });
    await recordAudit(tx, {
      ...{ action: 'device.add', subjectType: 'device', subjectId: id, details: { name } },
      after: { name, branchId },
    });
    return { id, code };
  });
}

/** Takes back a code that nobody has used. @throws AppError 404 */
export function withdrawPairing(db: ScopedClient, id: string): Promise<void> {
  return db.$transaction(async (tx) => {
    const before = await tx.devicePairing.findFirst({
      where: { id },
      select: { name: true, branchId: true },
    });
    const { count } = await tx.devicePairing.deleteMany({ where: { id, usedAt: null } });
    if (!before || count === 0) throw notFound();
    await recordAudit(tx, {
      ...{ action: 'device.withdraw', subjectType: 'device', subjectId: id },
      ...{ details: { name: before.name }, before },
    });
  });
}

/** @throws AppError 404 */
export function renameDevice(db: ScopedClient, id: string, name: string): Promise<void> {
  return db.$transaction(async (tx) => {
    const before = await tx.device.findFirst({ where: { id }, select: { name: true } });
    if (!before) throw notFound();
    await tx.device.updateMany({ where: { id }, data: { name } });
    await recordAudit(tx, {
      ...{ action: 'device.rename', subjectType: 'device', subjectId: id },
      details: { name, before: before.name },
      ...{ before, after: { name } },
    });
  });
}

/** Ends a device for good, from its next request on; one that has ended already stays as it is. @throws AppError 404 */
export function revokeDevice(db: ScopedClient, id: string, now: Date): Promise<void> {
  return db.$transaction(async (tx) => {
    const device = await tx.device.findFirst({ where: { id }, select: { name: true, queueDepth: true } });
    if (!device) throw notFound();
    // Who and when is written by the database; a revoked row has to say when.
    const { count } = await tx.device.updateMany({
      where: { id, state: 'active' },
      data: { state: 'revoked', revokedAt: now },
    });
    if (count === 0) return;
    const details = { name: device.name, queueDepth: device.queueDepth };
    await recordAudit(tx, {
      ...{ action: 'device.revoke', subjectType: 'device', subjectId: id, details },
      ...{ before: { state: 'active' }, after: { state: 'revoked' } },
    });
  });
}
