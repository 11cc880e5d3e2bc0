import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { sendInvitation } from '../team/invitation-mail.ts';
import { ROLES } from '../team/team.input.ts';
import { MARKET_STATES } from './market-states.ts';
import { marketInput, marketList, marketSettings, stateInput } from './markets.input.ts';
import { findMarket, listMarkets } from './markets.queries.ts';
import { createMarket, setMarketState, updateMarket } from './markets.service.ts';

const summary = z.object({
  ...{ id, slug: z.string(), nameEn: z.string(), nameAr: z.string(), state: z.enum(MARKET_STATES) },
  ...{ planId: z.string(), currency: z.string(), timeZone: z.string(), locale: z.string() },
  ...{ isDemo: z.boolean(), createdAt: instant },
});

const member = z.object({
  ...{ id, name: z.string(), email: z.string(), role: z.enum(ROLES) },
  state: z.enum(['invited', 'active', 'removed']),
});

const whole = summary.extend({
  stateReason: z.string().nullable(),
  updatedAt: instant,
  members: z.array(member),
});
const page = z.object({
  rows: z.array(summary),
  next: z.string().nullable(),
  previous: z.string().nullable(),
});
const params = z.object({ id });
const tag = 'Markets';
const roles = ['operator'] as const;

/** The JSON twins of the market pages. */
export function marketsAdminOperations(deps: Deps): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/markets', tag, summary: 'List markets' },
      ...{ query: listSchema(marketList), response: page },
      handler: (db, { req }) => listMarkets(db, parseList(marketList, req.query, 'strict')),
    }),
    operation({
      ...{ method: 'post', path: '/markets', tag, summary: 'Make a market and invite its owner', roles },
      ...{ body: marketInput, response: whole, status: 201 },
      handler: async (db, { body }) => {
        const created = await createMarket(db, body, deps.clock());
        const owner = { name: body.ownerName, email: body.ownerEmail, locale: body.locale };
        await sendInvitation(deps, owner, body, created.secret);
        return findMarket(db, created.id);
      },
    }),
    operation({
      ...{ method: 'get', path: '/markets/:id', tag, summary: 'One market' },
      ...{ params, response: whole },
      handler: (db, { params }) => findMarket(db, params.id),
    }),
    operation({
      ...{ method: 'put', path: '/markets/:id', tag, summary: "Change a market's settings", roles },
      ...{ params, body: marketSettings, response: whole },
      handler: async (db, { params, body }) => {
        await updateMarket(db, params.id, body, deps.clock());
        return findMarket(db, params.id);
      },
    }),
    operation({
      ...{ method: 'put', path: '/markets/:id/state', tag, summary: 'Activate, suspend or close', roles },
      ...{ params, body: stateInput, response: whole },
      handler: async (db, { params, body }) => {
        await setMarketState(db, params.id, body.state, body.reason);
        return findMarket(db, params.id);
      },
    }),
  ];
}
