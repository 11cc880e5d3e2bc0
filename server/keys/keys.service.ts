import { v7 as uuid } from 'uuid';
import { type AuditRecord, recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { conflict, notFound } from '../errors.ts';
import { ENDING_HOURS, type ENDINGS, type KeyInput } from './keys.input.ts';

/** @returns the new key's id, which is also its text in another spelling. */
export function createKey(db: ScopedClient, input: KeyInput): Promise<string> {
  return db.$transaction(async (tx) => {
    const id = await insert(tx, input);
    await audit(tx, 'key.create', id, input, { after: input });
    return id;
  });
}

/** @throws AppError 404 */
export function updateKey(db: ScopedClient, id: string, input: KeyInput): Promise<void> {
  return db.$transaction(async (tx) => {
    const before = await tx.publishableKey.findFirst({
      where: { id },
      select: { name: true, origins: true },
    });
    const { count } = await tx.publishableKey.updateMany({ where: { id }, data: input });
    if (count === 0) throw notFound();
    await audit(tx, 'key.update', id, input, { before, after: input });
  });
}

/**
 * Makes a key in the place of another, which holds until `ending` and never longer than it would have.
 * @returns the new key's id.
 * @throws AppError 404; 409 `key-over` for a key that no longer holds.
 */
export function rotateKey(
  db: ScopedClient,
  id: string,
  ending: (typeof ENDINGS)[number],
  now: Date,
): Promise<string> {
  return db.$transaction(async (tx) => {
    const key = await tx.publishableKey.findFirst({ where: { id } });
    if (!key) throw notFound();
    const until = new Date(now.getTime() + ENDING_HOURS[ending] * 3_600_000);
    const expiresAt = key.expiresAt && key.expiresAt < until ? key.expiresAt : until;
    // "At once" must not wait for the database's clock to catch up with ours.
    const data = ending === 'now' ? { revokedAt: now } : { expiresAt };
    const { count } = await tx.publishableKey.updateMany({ where: { id, ...holding(now) }, data });
    if (count === 0) throw conflict('key-over');
    const successor = await insert(tx, key);
    await recordAudit(tx, {
      ...{ action: 'key.rotate', subjectType: 'key', subjectId: id },
      details: { name: key.name, successor, ending },
      ...{ before: key, after: data },
    });
    return successor;
  });
}

/** Ends a key at once and for good; one that has ended already stays as it is. @throws AppError 404 */
export function revokeKey(db: ScopedClient, id: string, now: Date): Promise<void> {
  return db.$transaction(async (tx) => {
    const key = await tx.publishableKey.findFirst({ where: { id }, select: { name: true } });
    if (!key) throw notFound();
    const ended = await tx.publishableKey.updateMany({
      where: { id, revokedAt: null },
      data: { revokedAt: now },
    });
    if (ended.count === 0) return;
    await recordAudit(tx, {
      ...{ action: 'key.revoke', subjectType: 'key', subjectId: id, details: { name: key.name } },
      ...{ before: { revokedAt: null }, after: { revokedAt: now } },
    });
  });
}

const holding = (now: Date) => ({
  ...{ revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] },
});

async function insert(tx: ScopedClient, { name, origins }: KeyInput): Promise<string> {
  const id = uuid();
  const createdBy = tx.scope.actor.id;
  await tx.publishableKey.createMany({ data: [{ id, name, origins, createdBy }] });
  return id;
}

const audit = (
  tx: ScopedClient,
  action: string,
  subjectId: string,
  { name, origins }: KeyInput,
  states: Pick<AuditRecord, 'before' | 'after'>,
) => {
  const details = { name, origins: origins.join(' ') };
  return recordAudit(tx, { action, subjectType: 'key', subjectId, details, ...states });
};
