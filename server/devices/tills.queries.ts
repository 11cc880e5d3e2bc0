import type { Database } from '../db/client.ts';
import { type Direct, sql } from '../db/direct.ts';
import { deviceScope, type Scope } from '../market/scope.ts';

/** A till as its own context sees it, whatever has become of it. */
export interface TillRow {
  readonly marketId: string;
  readonly branchId: string;
  readonly name: string;
  readonly thumbprint: string;
  /** ISO 8601; null while it works. */
  readonly revokedAt: string | null;
  /** Not noted as seen within the last minute. */
  readonly isStale: boolean;
  /** Whether the market is active; false for a revoked till, who may not know. */
  readonly isOpen: boolean;
}

interface Row {
  market_id: string;
  branch_id: string;
  name: string;
  thumbprint: string;
  revoked_at: string | null;
  is_stale: boolean;
  is_open: boolean;
}

/** Asks the row each time: a till that was revoked is refused from then on, in every process. */
export async function findTill({ scope, rows }: Direct): Promise<TillRow | null> {
  const [row] = await rows<Row>(sql`
    select device.market_id, device.branch_id, device.name, device.thumbprint, device.revoked_at,
      coalesce(device.last_seen_at < statement_timestamp() - interval '1 minute', true) as is_stale,
      market.id is not null as is_open
    from device left join market on market.id = device.market_id
    where device.id = ${scope.actor.id}`);
  if (!row) return null;
  const { market_id: marketId, branch_id: branchId, name, thumbprint } = row;
  const { revoked_at: revokedAt, is_stale: isStale, is_open: isOpen } = row;
  return { marketId, branchId, name, thumbprint, revokedAt, isStale, isOpen };
}

/** The same by its id alone, with the scope that it would work under: who names itself has named no market. */
export async function lookUpTill(
  database: Pick<Database, 'direct'>,
  id: string,
  receipt: string,
): Promise<{ readonly till: TillRow; readonly scope: Scope } | null> {
  const nowhere: Scope = {
    ...{ surface: 'device', marketId: null, receipt },
    actor: { kind: 'device', id, role: 'none', name: '' },
  };
  const known = await findTill(database.direct(nowhere));
  if (!known) return null;
  const scope = deviceScope(known.marketId, id, known.name, receipt);
  const till = await findTill(database.direct(scope));
  return till && { till, scope };
}

/** What a till is told of where it stands. */
export interface TillPlace {
  readonly market: {
    readonly id: string;
    readonly nameEn: string;
    readonly nameAr: string;
    readonly locale: string;
    readonly timeZone: string;
    readonly currency: string;
  };
  readonly branch: { readonly id: string; readonly nameEn: string; readonly nameAr: string };
  readonly name: string;
}

/** Null once it has been revoked, or the market suspended. */
export async function findPlace({ scope, rows }: Direct): Promise<TillPlace | null> {
  const [row] = await rows<Record<string, string>>(sql`
    select market.id as market_id, market.name_en, market.name_ar, market.locale, market.time_zone, market.currency,
      branch.id as branch_id, branch.name_en as branch_en, branch.name_ar as branch_ar, device.name
    from device join market on market.id = device.market_id
      join branch on branch.market_id = device.market_id and branch.id = device.branch_id
    where device.market_id = ${scope.marketId} and device.id = ${scope.actor.id}`);
  if (!row) return null;
  return {
    name: row.name!,
    market: {
      ...{ id: row.market_id!, nameEn: row.name_en!, nameAr: row.name_ar!, locale: row.locale! },
      ...{ timeZone: row.time_zone!, currency: row.currency! },
    },
    branch: { id: row.branch_id!, nameEn: row.branch_en!, nameAr: row.branch_ar! },
  };
}
