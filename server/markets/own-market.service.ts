import { recordAudit } from '../audit/audit.service.ts';
import type { ScopedClient } from '../db/client.ts';
import type { OwnMarketInput } from './markets.input.ts';

/** What an owner may change about their own market; the rest is the platform's. */
export const ownMarketInput = z.object({
  nameEn: text(120),
  nameAr: text(120),
  locale: z.enum(['en', 'ar']),
});

export type OwnMarketInput = z.output<typeof ownMarketInput>;

/** The scope's own market, with its plan. */
export const findOwnMarket = (db: ScopedClient) => db.market.findFirstOrThrow({ include: { plan: true } });

/** Changes the scope's own market. Owners alone: the database refuses others too. */
export function updateOwnMarket(db: ScopedClient, input: OwnMarketInput): Promise<void> {
  return db.$transaction(async (tx) => {
    await tx.market.updateMany({ data: input });
    const subjectId = tx.scope.marketId;
    await recordAudit(tx, { action: 'market.update', subjectType: 'market', subjectId, details: {} });
  });
}
