import { recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import type { Prisma } from '../db/types.ts';
import { invalid } from '../errors.ts';
import type { Installation } from './installation.ts';
import type { Chosen } from './probe/find-targets.ts';
import type { PartnerReport } from './probe/partner-probe.ts';
import { type ProbeResult, roundOf, summaryOf } from './probe/round.ts';
import type { Json } from './task-gate.ts';
import { runTask } from './tasks.service.ts';

/** Has the partner process attack, and keeps what came of it. */
export async function probeNow(
  db: ScopedClient,
  installation: Pick<Installation, 'targets'>,
  chosen: Chosen,
): Promise<{ id: string; result: ProbeResult }> {
  const targets = await installation.targets(db.scope, chosen).catch((error: unknown) => {
    if (error instanceof RangeError) throw invalid({ foreign: 'isolation:twoMarkets' });
    throw error;
  });
  const report = (await runTask(db, 'probe', targets as unknown as Json)) as unknown as PartnerReport;
  const result = roundOf(report, targets);
  return { id: await keep(db, result), result };
}

async function keep(db: ScopedClient, result: ProbeResult): Promise<string> {
  const summary = summaryOf(result);
  return db.$transaction(async (tx) => {
    const { id } = await tx.isolationProbe.create({
      data: {
        ...{ source: 'page', staffUserId: db.scope.actor.id, ...summary },
        result: result as unknown as Prisma.InputJsonValue,
      },
      select: { id: true },
    });
    const { attacks, breaches } = summary;
    const details = { attacks, breaches };
    await recordAudit(tx, {
      action: 'isolation.probe',
      subjectType: 'isolation_probe',
      subjectId: id,
      details,
    });
    return id;
  });
}
