import { type Direct, sql } from '../db/direct.ts';
import { AppError, unauthorized } from '../errors.ts';
import { beginning, type Cursor, FIRST_ROW, readCursor, writeCursor } from './cursor.ts';
import type { Change, Pulled } from './sync.answers.ts';

export interface Pull {
  /** Those that the token is for. */
  readonly collections: readonly string[];
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/**
 * One page of what has changed since the cursor, for the till of the scope. What it may see is the policies' business; a
 * thing that it may no longer see comes as deleted.
 * @throws AppError 409 `cursor-refused`: begin without one; 503 while the order of changes is another cluster's.
 */
export async function pullChanges(direct: Direct, pull: Pull): Promise<Pulled> {
  const from = pull.cursor === undefined ? beginning('') : readCursor(pull.cursor);
  if (!from) throw cursorRefused();
  const rows = await readPage(direct, pull.collections, from, pull.limit + 1);
  const { xmin, epoch, branch, use, cap } = rows[0]!;
  // Revoked, or its market stopped, since it was let in: what it then sees is nothing, and no reason to move the cursor.
  if (branch === null) throw unauthorized('till-token-refused');
  if (epoch === null) throw new AppError(503, 'sync-unready', { retryAfterSeconds: 60 });
  const of = `${epoch}/${branch}/${pull.collections.join()}`;
  if (pull.cursor !== undefined && from.of !== of) throw cursorRefused();
  const found = rows.filter(({ row_id }) => row_id !== null);
  const page = found.slice(0, pull.limit);
  const more = found.length > page.length;
  const last = page.at(-1);
  const position =
    more && last
      ? { xid: last.xid, rowId: last.row_id }
      : { xid: Math.max(xmin, from.xid), rowId: FIRST_ROW };
  // Who begins has nothing that could be deleted.
  const isFirst = from.xid === 0;
  const changes = page.map(asChange).filter(({ deleted }) => !(deleted && isFirst));
  return { changes, cursor: writeCursor({ of, ...position }), more, quota: { use, cap } };
}

const cursorRefused = (): AppError => new AppError(409, 'cursor-refused');

interface PageRow {
  readonly xmin: number;
  readonly epoch: string | null;
  readonly branch: string | null;
  readonly use: number;
  readonly cap: number;
  readonly row_id: string;
  readonly collection: Change['collection'];
  readonly xid: number;
  readonly data: Change['data'] | null;
}

/**
 * Only what lies below the oldest transaction that still writes: whatever commits later gets a place above. Each thing is
 * looked up by its key, row by row (LIMIT keeps the planner from joining whole tables), and under the policies.
 */
function readPage({ rows, scope }: Direct, collections: readonly string[], from: Cursor, limit: number) {
  const market = scope.marketId;
  return rows<PageRow>(sql`
    with bound as materialized (
      select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as xmin, app.sync_epoch() as epoch,
        app.device_branch_id() as branch, quota.use, quota.cap
      from app.sync_quota() as quota
    )
    select bound.xmin, bound.epoch, bound.branch, bound.use, bound.cap, page.row_id, page.collection, page.xid, page.data
    from bound left join lateral (
      select change.row_id, change.collection, change.xid, case change.collection
          when 'offers' then (
            select json_build_object('titleEn', title_en, 'titleAr', title_ar, 'textEn', text_en, 'textAr', text_ar,
              'price', price, 'oldPrice', old_price, 'currency', currency, 'startsAt', starts_at, 'endsAt', ends_at)
            from offer where offer.market_id = ${market} and offer.id = change.row_id limit 1)
          when 'claims' then (
            select json_build_object('offerId', offer_id, 'code', code, 'state', state, 'titleEn', title_en,
              'titleAr', title_ar, 'price', price, 'currency', currency, 'claimedAt', claimed_at,
              'expiresAt', expires_at, 'redeemedAt', redeemed_at)
            from claim where claim.market_id = ${market} and claim.id = change.row_id limit 1)
          when 'market' then (
            select json_build_object('slug', slug, 'nameEn', name_en, 'nameAr', name_ar, 'locale', locale,
              'timeZone', time_zone, 'currency', currency)
            from market where market.id = change.row_id limit 1)
          else (
            select json_build_object('nameEn', name_en, 'nameAr', name_ar, 'state', state)
            from branch where branch.market_id = ${market} and branch.id = change.row_id limit 1)
        end as data
      from sync_change as change
      where change.market_id = ${market} and (change.xid, change.row_id) > (${from.xid}::bigint, ${from.rowId}::uuid)
        and change.xid < bound.xmin and change.collection = any (${collections}::text[])
      order by change.xid, change.row_id
      limit ${limit}::bigint
    ) as page on true
    order by page.xid, page.row_id`);
}

const asChange = ({ collection, row_id: id, data }: PageRow): Change =>
  data === null ? { collection, id, deleted: true } : { collection, id, data };
