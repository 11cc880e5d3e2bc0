import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { MARKET_STATES, SUPPORT_CONSENTS } from './market-states.ts';
import { ownMarketInput } from './markets.input.ts';
import { findOwnMarket, updateOwnMarket } from './own-market.service.ts';

const response = z.object({
  ...{ id, slug: z.string(), nameEn: z.string(), nameAr: z.string(), state: z.enum(MARKET_STATES) },
  ...{
    locale: z.string(),
    timeZone: z.string(),
    currency: z.string(),
    supportConsent: z.enum(SUPPORT_CONSENTS),
    createdAt: instant,
    updatedAt: instant,
  },
  plan: z.object({
    ...{ id: z.string(), nameEn: z.string(), nameAr: z.string() },
    ...{ maxBranches: z.int(), maxLiveOffers: z.int(), maxTeamMembers: z.int() },
  }),
});

/** The JSON twin of the market settings page. */
export function ownMarketPartnerOperations({ clock }: Pick<Deps, 'clock'>): readonly Operation[] {
  const tag = 'Market';
  return [
    operation({
      ...{ method: 'get', path: '/market', tag, summary: 'The market and its plan', response },
      handler: (db) => findOwnMarket(db),
    }),
    operation({
      ...{ method: 'put', path: '/market', tag, summary: "Change the market's names or language" },
      ...{ roles: ['owner'] as const, body: ownMarketInput, response },
      handler: async (db, { body }) => {
        await updateOwnMarket(db, body, clock());
        return findOwnMarket(db);
      },
    }),
  ];
}
