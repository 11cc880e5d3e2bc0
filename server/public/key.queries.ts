import type { Database } from '../db/client.ts';
import { type Direct, sql } from '../db/direct.ts';
import type { Scope } from '../market/scope.ts';
import type { OpenMarket } from './open-request.ts';

export interface FoundKey {
  readonly marketId: string;
  readonly name: string;
  readonly origins: readonly string[];
  /** Revoked or expired. */
  readonly isOver: boolean;
  /** Not noted as used within the last five minutes. */
  readonly isStale: boolean;
  /** Null unless the market is active. */
  readonly market: OpenMarket | null;
}

export interface Keys {
  /** Whether this process has seen the key: then there is, or was, such a key. */
  remembers(id: string): boolean;
  /** Null for an id that is no key's. Asks the database each time: a revoked key is refused from then on. */
  find(id: string, receipt: string): Promise<FoundKey | null>;
  /**
   * A key that held a moment ago: for requests whose own statement fails when it no longer does, so that asking twice
   * would tell nothing new. Its origins may be those of a moment ago, too.
   */
  recall(id: string): FoundKey | null;
  /** The scope of a request under this key. */
  scopeOf(id: string, key: FoundKey, receipt: string): Scope;
}

/** Keys whose market is remembered. A key never changes its market, and none is forgotten for a revocation. */
const MOST = 10_000;

/** Milliseconds for which a key that held may be recalled. */
const MOMENT = 5_000;

/** Looks keys up under their own context: the policy shows a key to itself alone. */
export function createKeys(database: Pick<Database, 'direct'>): Keys {
  const markets = new Map<string, string>();
  const held = new Map<string, { readonly key: FoundKey; readonly until: number }>();
  const scope = (id: string, marketId: string | null, name: string, receipt: string): Scope => ({
    ...{ surface: 'public', marketId, receipt, actor: { kind: 'key', id, role: 'none', name } },
  });
  const look = (id: string, marketId: string | null, receipt: string) =>
    read(database.direct(scope(id, marketId, '', receipt)), id);

  const keep = (id: string, key: FoundKey | null) => {
    if (held.size >= MOST) held.clear();
    if (key?.market && !key.isOver && !key.isStale) held.set(id, { key, until: performance.now() + MOMENT });
    else held.delete(id);
    return key;
  };

  return {
    recall: (id) => {
      const known = held.get(id);
      return known && known.until > performance.now() ? known.key : null;
    },
    remembers: (id) => markets.has(id),
    scopeOf: (id, key, receipt) => scope(id, key.marketId, key.name, receipt),
    find: async (id, receipt) => {
      const marketId = markets.get(id) ?? null;
      const found = await look(id, marketId, receipt);
      if (!found || marketId === found.marketId) return keep(id, found);
      // The first time here: only under a context that names its market can the key see whether that is active.
      if (markets.size >= MOST) markets.clear();
      markets.set(id, found.marketId);
      return keep(id, await look(id, found.marketId, receipt));
    },
  };
}

interface KeyRow {
  market_id: string;
  key_name: string;
  origins: string[];
  is_over: boolean;
  is_stale: boolean;
  slug: string | null;
  name_en: string;
  name_ar: string;
  locale: 'en' | 'ar';
  time_zone: string;
  currency: string;
}

async function read(direct: Direct, id: string): Promise<FoundKey | null> {
  const [row] = await direct.rows<KeyRow>(sql`
    select key.market_id, key.name as key_name, key.origins,
      key.revoked_at is not null or coalesce(key.expires_at <= statement_timestamp(), false) as is_over,
      coalesce(key.last_used_at < statement_timestamp() - interval '5 minutes', true) as is_stale,
      market.slug, market.name_en, market.name_ar, market.locale, market.time_zone, market.currency
    from publishable_key as key left join market on market.id = key.market_id
    where key.id = ${id}`);
  if (!row) return null;
  const { market_id: marketId, key_name: name, origins, is_over: isOver, is_stale: isStale } = row;
  return { marketId, name, origins, isOver, isStale, market: marketOf(row) };
}

function marketOf(row: KeyRow): OpenMarket | null {
  if (row.slug === null) return null;
  const {
    market_id: id,
    slug,
    name_en: nameEn,
    name_ar: nameAr,
    locale,
    time_zone: timeZone,
    currency,
  } = row;
  return { id, slug, nameEn, nameAr, locale, timeZone, currency };
}
