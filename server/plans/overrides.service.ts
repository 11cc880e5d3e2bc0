import { v7 as uuid } from 'uuid';
import { type AuditRecord, recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { conflict, invalid, notFound } from '../errors.ts';
import { belowUse } from './below-use.ts';
import type { OverrideInput } from './overrides.input.ts';
import { limitUse } from './usage.queries.ts';

/**
 * Gives one market a limit of its own. Nothing is taken from it that it has.
 * @returns its id.
 * @throws AppError 404; 422 at `endsAt` for one that would be over already; 409 `below-use` unless that is accepted.
 */
export function setOverride(
  db: ScopedClient,
  marketId: string,
  input: OverrideInput,
  now: Date,
): Promise<string> {
  const { name, cap, reason, endsAt, acceptOverLimit } = input;
  // Never in the past: what was allowed then is history.
  const startsAt = input.startsAt && input.startsAt > now ? input.startsAt : now;
  if (endsAt && endsAt <= now) throw invalid({ endsAt: 'plans:overAlready' });
  return db.$transaction(async (tx) => {
    const { use } = (await limitUse(tx, now, marketId))[name];
    if (use > cap && !acceptOverLimit) throw belowUse([{ name, use, cap }]);
    const [id, createdBy] = [uuid(), tx.scope.actor.id];
    const row = { marketId, id, name, cap, startsAt, endsAt, reason, createdBy, createdAt: now };
    await tx.limitOverride.createMany({ data: [row] });
    const period = { starts: startsAt.toISOString(), ends: endsAt?.toISOString() ?? null };
    await audit(
      tx,
      'limit.set',
      marketId,
      { limit: name, cap, ...period, reason },
      { after: { name, cap, startsAt, endsAt } },
    );
    return id;
  });
}

/** Ends one now: the plan's own limit counts again. @throws AppError 404; 409 `override-over` */
export function endOverride(db: ScopedClient, marketId: string, id: string, now: Date): Promise<void> {
  return db.$transaction(async (tx) => {
    const found = await tx.limitOverride.findFirst({ where: { marketId, id } });
    if (!found) throw notFound();
    // One that has not begun ends where it would have begun: it was never in force.
    const endsAt = found.startsAt > now ? found.startsAt : now;
    const { count } = await tx.limitOverride.updateMany({
      where: { marketId, id, OR: [{ endsAt: null }, { endsAt: { gt: endsAt } }] },
      data: { endsAt },
    });
    if (count === 0) throw conflict('override-over');
    const states = { before: { endsAt: found.endsAt }, after: { endsAt } };
    await audit(tx, 'limit.end', marketId, { limit: found.name, cap: found.cap }, states);
  });
}

const audit = (
  tx: ScopedClient,
  action: string,
  marketId: string,
  details: Record<string, string | number | null>,
  states: Pick<AuditRecord, 'before' | 'after'>,
) => recordAudit(tx, { action, subjectType: 'market', subjectId: marketId, details, marketId, ...states });
