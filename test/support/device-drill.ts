import assert from 'node:assert/strict';
import { Prisma } from '../../server/db/generated/client.ts';
import type { TillDeps } from '../../server/deps.ts';
import type { Scope } from '../../server/market/scope.ts';
import { startPortals, type TestPortals } from './http.ts';
import type { Answer } from './injection-drill.ts';
import { asAnswer } from './injection-routes.ts';
import { everyRow, everything, injected } from './public-drill.ts';
import { amber, basil, tillScope } from './two-markets.ts';

/** Whom an injected statement runs as. */
export const TILLS = {
  till: tillScope(amber),
  revoked: tillScope(amber, amber.revokedDevice),
} as const;
export type DrillTill = keyof typeof TILLS;

/** SQL through the device login's own connection, and what tells whether it got anything or did harm. */
export interface DeviceDrill {
  readonly portals: TestPortals;
  /** The statement by itself, in a transaction, and past Prisma. */
  everyWay(till: DrillTill, sql: string): Promise<Answer[]>;
  readonly secrets: Readonly<Record<DrillTill, readonly string[]>>;
  everything(): Promise<string>;
}

export async function startDeviceDrill(): Promise<DeviceDrill> {
  const portals = await startPortals({ env: { DB_POOL_SIZE: '1' } });
  const { database } = portals.partner.deps.till as TillDeps;
  const secrets = { till: await secretsOf(portals, 'till'), revoked: await secretsOf(portals, 'revoked') };
  const ways = (scope: Scope, sql: string) => [
    () => asAnswer(database.scoped(scope).$queryRaw(Prisma.raw(sql))),
    () => asAnswer(database.scoped(scope).$transaction((tx) => tx.$queryRaw(Prisma.raw(sql)))),
    () => asAnswer(database.direct(scope).rows(injected(sql))),
  ];
  return {
    portals,
    secrets,
    everything: () => everything(portals),
    everyWay: async (till, sql) => {
      const answers: Answer[] = [];
      for (const way of ways(TILLS[till], sql)) {
        const answer = await way();
        assertSilent(secrets[till], answer, sql);
        answers.push(answer);
      }
      return answers;
    },
  };
}

/** Whether an answer tells anything that its asker may not know. */
export function assertSilent(secrets: readonly string[], answer: Answer, sql: string): void {
  const text = JSON.stringify(answer);
  for (const secret of secrets)
    if (!sql.includes(secret)) assert.ok(!text.includes(secret), `${sql}\ntells ${secret}`);
}

/** What a till that works is shown; a revoked one sees its own row. Everything else is secret. */
const SHOWN: Record<DrillTill, string> = {
  till: `
    select to_jsonb(d) - 'created_by' as j from device d where id = '${amber.device}'
    union all select to_jsonb(s) from device_spent_id s where device_id = '${amber.device}'
    union all select to_jsonb(b) from branch b where id = '${amber.branch}'
    union all select to_jsonb(o) from (select id, title_en, title_ar, text_en, text_ar from offer where id = '${amber.liveOffer}') o
    union all select to_jsonb(c) from (select id, offer_id, code, title_en, title_ar from claim
      where offer_id = '${amber.liveOffer}') c
    union all select to_jsonb(r) from sync_reach r where market_id = '${amber.marketId}' and branch_id <> '${amber.secondBranch}'
    union all select to_jsonb(c) from sync_change c where market_id = '${amber.marketId}' and exists (
      select from sync_reach r where r.offer_id = c.offer_id and r.branch_id <> '${amber.secondBranch}')
    union all select to_jsonb(r) from (select id, code, body_hash, answer ->> 'text' as text, answer from redemption
      where device_id = '${amber.device}') r
    union all select to_jsonb(l) from quota_lease l where device_id = '${amber.device}'
    union all select to_jsonb(m) from (select id, slug, name_en, name_ar, state, locale, time_zone, currency from market
      where id = '${amber.marketId}') m`,
  revoked: `select to_jsonb(d) - 'created_by' as j from device d where id = '${amber.revokedDevice}'`,
};

/** Values that a till of the fixture may not be told, whoever it asks and however. */
export async function secretsOf(portals: TestPortals, till: DrillTill): Promise<string[]> {
  const rows = await portals.sql<{ value: string }>(
    `select e.value from (${await everyRow(portals)}) r, jsonb_each_text(j) e where length(e.value) > 12 or e.key = 'code'
     except select e.value from (${SHOWN[till]}) r, jsonb_each_text(j) e`,
  );
  // Instants of the fixture are alike in rows of many tables, shown and not.
  return [
    basil.marker,
    ...rows.map(({ value }) => value).filter((value) => !/^\d{4}-\d\d-\d\dT/.test(value)),
  ];
}
