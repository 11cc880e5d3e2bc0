import type { Direct } from '../../db/direct.ts';
import { sql } from '../../db/direct.ts';
import { DECOY_MARKET } from '../../market/scoping/decoy-market.ts';
import type { Head } from '../anchors/anchored-heads.ts';
import { PLATFORM } from '../chain.ts';
import type { Envelope } from '../envelope.ts';

/** A link and what its entry says, every column as text; null where there is no such entry. Hashes are in hex. */
export interface LinkRow {
  readonly seq: number;
  readonly entryId: string;
  readonly prevHash: string;
  readonly hash: string;
  readonly fields: (string | null)[] | null;
}

export interface Checkpoint extends Envelope {
  readonly seq: number;
  readonly hash: string;
}

/** So many links are in memory at a time. */
const PAGE = 2_000;

/** One chain as whoever asks may see it. Needs a staff scope, or the chain's own market's. */
export interface ChainReader {
  readonly chain: string;
  head(): Promise<Head | null>;
  checkpoint(): Promise<Checkpoint | null>;
  /** Links behind a place, in their order. */
  links(after: number): AsyncGenerator<LinkRow>;
  /** The first entry that no link speaks of. */
  unlinked(): Promise<string | null>;
}

/** @returns every chain that there is something to read of: the platform's, and one for each market. The decoy has none unless somebody acted in it. */
export async function listChains(direct: Direct): Promise<string[]> {
  const markets = await direct.rows<{ id: string }>(sql`
    select id from market where id <> ${DECOY_MARKET} or exists (
      select from audit_entry where market_id = market.id) or exists (select from audit_head where market_id = market.id)
    order by id`);
  return [PLATFORM, ...markets.map(({ id }) => id)];
}

export const readChain = (direct: Direct, chain: string): ChainReader =>
  chain === PLATFORM ? platformChain(direct) : marketChain(direct, chain);

/** A page after the other, each a statement of its own: neither memory nor a snapshot grows with the chain. */
async function* paged(page: (after: number) => Promise<LinkRow[]>, after: number): AsyncGenerator<LinkRow> {
  for (let last = after; ; ) {
    const rows = await page(last);
    yield* rows;
    if (rows.length < PAGE) return;
    last = rows.at(-1)!.seq;
  }
}

function marketChain(direct: Direct, chain: string): ChainReader {
  const page = (after: number) =>
    direct.rows<LinkRow>(sql`
      select link.seq, link.entry_id as "entryId", encode(prev_hash, 'hex') as "prevHash", encode(hash, 'hex') as hash,
        case when entry.id is not null then array[entry.market_id::text, entry.id::text,
          (extract(epoch from entry.at) * 1000)::bigint::text, surface, actor_kind, actor_id::text, actor_name, action,
          subject_type, subject_id, details::text, receipt, on_behalf_of, support_session_id::text, changes::text] end as fields
      from audit_link as link
        left join audit_entry as entry on entry.market_id = link.market_id and entry.id = link.entry_id
      where link.market_id = ${chain} and link.seq > ${after} order by link.seq limit ${PAGE}`);
  return {
    chain,
    head: () =>
      one(
        direct,
        sql`select ${chain}::text as chain, seq, encode(hash, 'hex') as hash from audit_head
      where market_id = ${chain}`,
      ),
    checkpoint: () =>
      one(
        direct,
        sql`
      select seq, encode(hash, 'hex') as hash, payload, key_id as "keyId", signature from audit_checkpoint
      where market_id = ${chain} order by seq desc limit 1`,
      ),
    links: (after) => paged(page, after),
    unlinked: () =>
      idOf(
        direct,
        sql`
      select id from audit_entry as entry where market_id = ${chain} and not exists (
        select from audit_link as link where link.market_id = entry.market_id and link.entry_id = entry.id)
      order by at, id limit 1`,
      ),
  };
}

function platformChain(direct: Direct): ChainReader {
  const page = (after: number) =>
    direct.rows<LinkRow>(sql`
      select link.seq, link.entry_id as "entryId", encode(prev_hash, 'hex') as "prevHash", encode(hash, 'hex') as hash,
        case when entry.id is not null then array[entry.id::text, (extract(epoch from entry.at) * 1000)::bigint::text,
          surface, actor_kind, staff_user_id::text, action, subject_type, subject_id, details::text, receipt, on_behalf_of,
          support_session_id::text, changes::text] end as fields
      from platform_audit_link as link left join platform_audit_entry as entry on entry.id = link.entry_id
      where link.seq > ${after} order by link.seq limit ${PAGE}`);
  return {
    chain: PLATFORM,
    head: () =>
      one(direct, sql`select 'platform' as chain, seq, encode(hash, 'hex') as hash from platform_audit_head`),
    checkpoint: () =>
      one(
        direct,
        sql`
      select seq, encode(hash, 'hex') as hash, payload, key_id as "keyId", signature from platform_audit_checkpoint
      order by seq desc limit 1`,
      ),
    links: (after) => paged(page, after),
    unlinked: () =>
      idOf(
        direct,
        sql`
      select id from platform_audit_entry as entry where not exists (
        select from platform_audit_link as link where link.entry_id = entry.id)
      order by at, id limit 1`,
      ),
  };
}

async function one<Row>(direct: Direct, statement: ReturnType<typeof sql>): Promise<Row | null> {
  return (await direct.rows<Row>(statement))[0] ?? null;
}

async function idOf(direct: Direct, statement: ReturnType<typeof sql>): Promise<string | null> {
  return (await one<{ id: string }>(direct, statement))?.id ?? null;
}
