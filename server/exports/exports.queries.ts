import { type Direct, sql } from '../db/direct.ts';
import type { FileRequest, Subject } from './exports.input.ts';

export type ExportRow = Readonly<Record<string, string | number | null>>;

/** Rows that are in memory at once, whatever the size of the file. */
const PAGE = 2_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

type Span = Pick<FileRequest, 'from' | 'to'> & { readonly timeZone: string };
type Pages = AsyncGenerator<readonly ExportRow[]>;

/** The columns of each file, in order. */
export const columnsOf: Readonly<Record<Subject, readonly string[]>> = {
  figures: ['day', 'offer_id', 'offer_en', 'offer_ar', 'branch_en', 'branch_ar', 'kind', 'events'],
  events: ['id', 'kind', 'occurred_at', 'offer_id', 'offer_en', 'offer_ar', 'branch_en', 'branch_ar'],
  claims: [
    ...['id', 'code', 'state', 'offer_id', 'offer_en', 'offer_ar', 'price', 'currency', 'claimed_at'],
    ...['expires_at', 'redeemed_at', 'branch_en', 'branch_ar', 'shopper_id', 'email'],
  ],
};

/**
 * The rows of a file, some thousand at a time, each page under a context of its own and behind the last one's key.
 * An e-mail is there only if its shopper opted in and the reader may see it: the policy leaves it out.
 */
export function exportRows(direct: Direct, subject: Subject, span: Span): Pages {
  if (subject === 'figures') return figures(direct, span);
  return subject === 'events' ? events(direct, span) : claims(direct, span);
}

async function* events(direct: Direct, { from, to, timeZone }: Span): Pages {
  const market = direct.scope.marketId;
  // An event's id is a UUID v7 of its instant: in the order of ids is in the order of time.
  for (let last = FIRST_ID; ; ) {
    const rows = await direct.rows<ExportRow & { id: string }>(sql`
      select e.id, e.kind, e.occurred_at, e.offer_id, o.title_en as offer_en, o.title_ar as offer_ar,
        b.name_en as branch_en, b.name_ar as branch_ar
      from offer_event as e
      join offer as o on o.market_id = e.market_id and o.id = e.offer_id
      left join branch as b on b.market_id = e.market_id and b.id = e.branch_id
      where e.market_id = ${market} and e.id > ${last}::uuid
        and e.occurred_at >= (${from}::date::timestamp at time zone ${timeZone})
        and e.occurred_at < ((${to}::date + 1)::timestamp at time zone ${timeZone})
      order by e.id limit ${PAGE}`);
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE) return;
    last = rows.at(-1)!.id;
  }
}

async function* claims(direct: Direct, { from, to, timeZone }: Span): Pages {
  const market = direct.scope.marketId;
  for (let at = '-infinity', id = FIRST_ID; ; ) {
    const rows = await direct.rows<ExportRow & { id: string; claimed_at: string }>(sql`
      select c.id, c.code, c.state, c.offer_id, c.title_en as offer_en, c.title_ar as offer_ar, c.price, c.currency,
        c.claimed_at, c.expires_at, c.redeemed_at, b.name_en as branch_en, b.name_ar as branch_ar, c.shopper_id, s.email
      from claim as c
      left join branch as b on b.market_id = c.market_id and b.id = c.branch_id
      left join shopper_contact as s on s.market_id = c.market_id and s.shopper_id = c.shopper_id
      where c.market_id = ${market} and (c.claimed_at, c.id) > (${at}::timestamptz, ${id}::uuid)
        and c.claimed_at >= (${from}::date::timestamp at time zone ${timeZone})
        and c.claimed_at < ((${to}::date + 1)::timestamp at time zone ${timeZone})
      order by c.claimed_at, c.id limit ${PAGE}`);
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE) return;
    ({ claimed_at: at, id } = rows.at(-1)!);
  }
}

async function* figures(direct: Direct, { from, to }: Span): Pages {
  const market = direct.scope.marketId;
  let last = { day: from, offer_id: FIRST_ID, branch_id: FIRST_ID, kind: '' };
  for (;;) {
    const rows = await direct.rows<ExportRow & typeof last>(sql`
      select d.day, d.offer_id, o.title_en as offer_en, o.title_ar as offer_ar, b.name_en as branch_en,
        b.name_ar as branch_ar, d.kind, d.events, d.branch_id
      from event_day as d
      left join offer as o on o.market_id = d.market_id and o.id = d.offer_id
      left join branch as b on b.market_id = d.market_id and b.id = d.branch_id
      where d.market_id = ${market} and d.day >= ${from}::date and d.day <= ${to}::date
        and (d.day, d.offer_id, d.branch_id, d.kind) > (${last.day}::date, ${last.offer_id}::uuid, ${last.branch_id}::uuid, ${last.kind})
      order by d.day, d.offer_id, d.branch_id, d.kind limit ${PAGE}`);
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE) return;
    last = rows.at(-1)!;
  }
}
