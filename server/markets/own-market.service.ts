import { recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import { stopAllSupportSessions } from '../support/sessions/support-sessions.service.ts';
import type { OwnMarketInput } from './markets.input.ts';

/** The scope's own market, with its plan. */
export const findOwnMarket = (db: ScopedClient) => db.market.findFirstOrThrow({ include: { plan: true } });

/** Changes the scope's own market. Owners alone: the database refuses others too. */
export function updateOwnMarket(db: ScopedClient, input: OwnMarketInput, now: Date): Promise<void> {
  const { supportConsent, ...names } = input;
  const data = supportConsent ? { ...names, supportConsent } : names;
  return db.$transaction(async (tx) => {
    const before = await tx.market.findFirst();
    await tx.market.updateMany({ data });
    if (supportConsent === 'never') await stopAllSupportSessions(tx, now);
    const subjectId = tx.scope.marketId;
    await recordAudit(tx, {
      action: 'market.update',
      subjectType: 'market',
      subjectId,
      before,
      after: data,
    });
  });
}
