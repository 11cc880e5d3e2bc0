import type { FindingKind } from '../../../server/audit/verify/finding.ts';
import type { TrailWorld } from './trail-world.ts';

/** What somebody with all rights does to the trail, and what must be said about it. */
export interface Tampering {
  readonly name: string;
  readonly does: (world: TrailWorld) => Promise<unknown>;
  readonly found: FindingKind;
  /** The first place that is wrong; undefined where it has none. */
  readonly seq?: number;
  readonly chain?: 'platform' | 'other';
}

/** Makes a market's chain anew from its entries, as it would be if they had always been like this. */
const RECOMPUTE = `
  do $$ declare entry audit_entry; begin
    for entry in select e.* from audit_entry e join audit_link l on l.market_id = e.market_id and l.entry_id = e.id
      where e.market_id = current_setting('test.market')::uuid order by l.seq
    loop
      insert into pg_temp.again (id) values (entry.id);
    end loop;
    delete from audit_link where market_id = current_setting('test.market')::uuid;
    delete from audit_head where market_id = current_setting('test.market')::uuid;
    for entry in select e.* from pg_temp.again join audit_entry e using (id) order by again.place loop
      perform app.link_entry(entry);
    end loop;
  end $$`;

async function recompute({ tamper, client, markets }: TrailWorld): Promise<void> {
  await client.query(`set test.market = '${markets[0]}'`);
  await client.query('drop table if exists pg_temp.again; create temp table again (place serial, id uuid)');
  await tamper(RECOMPUTE);
}

const own = (sql: string) => (world: TrailWorld) => world.tamper(sql, [world.markets[0]]);
const both = (sql: string) => (world: TrailWorld) => world.tamper(sql, [...world.markets]);
const linked = (seq: number) => `(select entry_id from audit_link where market_id = $1 and seq = ${seq})`;
const edit = (change: string, seq = 4) =>
  own(`update audit_entry set ${change} where market_id = $1 and id = ${linked(seq)}`);
const drop = (seq: number) => own(`delete from audit_entry where market_id = $1 and id = ${linked(seq)}`);
const cut = (seq: number) => own(`delete from audit_link where market_id = $1 and seq = ${seq}`);

/** One for each column that an entry has but its key, which links name. */
const edits: Tampering[] = Object.entries({
  at: "at + interval '1 second'",
  surface: "'admin'",
  actor_kind: "'job'",
  actor_id: 'gen_random_uuid()',
  actor_name: "'Manager'",
  action: "'offer.create'",
  subject_type: "'branch'",
  subject_id: 'null',
  details: 'details || \'{"from": "draft"}\'',
  receipt: "''",
  on_behalf_of: 'null',
  support_session_id: 'null',
  changes: "jsonb_set(changes, '{titleEn,before}', '\"c\"')",
}).map(([column, value]) => ({
  ...{ name: `an edit of ${column}`, does: edit(`${column} = ${value}`), found: 'edited', seq: 4 },
}));

const gone: Tampering[] = [
  { name: 'the first entry deleted', does: drop(1), found: 'missing', seq: 1 },
  { name: 'an entry in the middle deleted', does: drop(5), found: 'missing', seq: 5 },
  { name: 'the last entry deleted', does: drop(10), found: 'missing', seq: 10 },
  { name: 'the first link deleted', does: cut(1), found: 'gap', seq: 1 },
  { name: 'a link in the middle deleted', does: cut(5), found: 'gap', seq: 5 },
  { name: 'the last link deleted', does: cut(10), found: 'truncated', seq: 10 },
  {
    name: 'the end cut off, and the head set back to match',
    found: 'truncated',
    seq: 9,
    does: own(`with cut as (delete from audit_link where market_id = $1 and seq > 8 returning entry_id),
        gone as (delete from audit_entry where market_id = $1 and id in (select entry_id from cut))
      update audit_head set seq = 8, hash = (select hash from audit_link where market_id = $1 and seq = 8) where market_id = $1`),
  },
  {
    name: 'a whole chain emptied, with its head',
    found: 'truncated',
    seq: 1,
    does: own(`with a as (delete from audit_link where market_id = $1), b as (delete from audit_head where market_id = $1)
      delete from audit_entry where market_id = $1`),
  },
  {
    name: 'everything truncated',
    found: 'truncated',
    seq: 1,
    does: ({ tamper }) => tamper('truncate audit_entry, audit_link, audit_head'),
  },
  {
    name: 'the platform’s last entry deleted with link and head',
    found: 'truncated',
    seq: 4,
    chain: 'platform',
    does: ({ tamper }) =>
      tamper(`with cut as (delete from platform_audit_link where seq = 4 returning entry_id, prev_hash),
          gone as (delete from platform_audit_entry where id in (select entry_id from cut))
        update platform_audit_head set seq = 3, hash = (select prev_hash from cut)`),
  },
];

const NOWHERE = '00000000-0000-7000-8000-000000000bad';

const moved: Tampering[] = [
  {
    name: 'two links in each other’s place',
    found: 'relinked',
    seq: 4,
    does: async ({ tamper, markets: [market] }) => {
      for (const [from, to] of [
        [4, -1],
        [5, 4],
        [-1, 5],
      ])
        await tamper('update audit_link set seq = $3 where market_id = $1 and seq = $2', [market, from, to]);
    },
  },
  {
    name: 'two entries in each other’s place',
    found: 'edited',
    seq: 4,
    does: async ({ tamper, markets: [market] }) => {
      await tamper(
        `create temp table swap as select seq, entry_id from audit_link where market_id = '${market}' and seq in (4, 5)`,
      );
      await tamper(
        'update audit_link set entry_id = gen_random_uuid() where market_id = $1 and seq in (4, 5)',
        [market],
      );
      await tamper(
        'update audit_link set entry_id = swap.entry_id from swap where market_id = $1 and audit_link.seq = 9 - swap.seq',
        [market],
      );
      await tamper('drop table swap');
    },
  },
  {
    name: 'an entry moved to another market, with its link',
    found: 'truncated',
    seq: 10,
    does: both(`with moved as (
        update audit_link set market_id = $2, seq = 11 where market_id = $1 and seq = 10 returning entry_id)
      update audit_entry set market_id = $2 where market_id = $1 and id in (select entry_id from moved)`),
  },
  {
    name: 'the chains of two markets exchanged',
    found: 'relinked',
    seq: 1,
    does: async ({ tamper, markets }) => {
      for (const table of ['audit_link', 'audit_head', 'audit_entry']) {
        for (const [from, to] of [
          [markets[0], NOWHERE],
          [markets[1], markets[0]],
          [NOWHERE, markets[1]],
        ])
          await tamper(`update ${table} set market_id = $2 where market_id = $1`, [from, to]);
      }
    },
  },
];

const COLUMNS = `market_id, id, surface, actor_kind, actor_id, actor_name, action, subject_type`;
const FORGED = `insert into audit_entry (${COLUMNS})
  values ($1, '00000000-0000-7000-8000-00000000f00d', 'partner', 'partner', gen_random_uuid(), 'Nobody', 'offer.approve', 'offer')`;

const added: Tampering[] = [
  { name: 'an entry added past the chain', does: own(FORGED), found: 'inserted' },
  {
    name: 'an entry added with a link that was made up',
    found: 'edited',
    seq: 11,
    does: own(`with forged as (${FORGED}), head as (select * from audit_head where market_id = $1),
        link as (insert into audit_link select $1::uuid, 11, '00000000-0000-7000-8000-00000000f00d', hash, sha256('x') from head)
      update audit_head set seq = 11, hash = sha256('x') where market_id = $1`),
  },
  {
    name: 'an entry added in the middle, and everything behind it moved on',
    found: 'edited',
    seq: 5,
    does: async ({ tamper, markets: [market] }) => {
      await tamper(FORGED, [market]);
      await tamper('update audit_link set seq = -seq - 1 where market_id = $1 and seq >= 5', [market]);
      await tamper('update audit_link set seq = -seq where market_id = $1 and seq < 0', [market]);
      await tamper(
        `insert into audit_link select market_id, 5, '00000000-0000-7000-8000-00000000f00d', hash, sha256('x')
         from audit_link where market_id = $1 and seq = 4`,
        [market],
      );
    },
  },
  {
    name: 'entries written while the trigger was a sham',
    found: 'inserted',
    does: async ({ client, write, markets: [market] }) => {
      const { rows } = await client.query(`select pg_get_functiondef('app.chain_entry'::regproc) as made`);
      await client.query(
        `create or replace function app.chain_entry() returns trigger language plpgsql security definer
         set search_path = pg_catalog, pg_temp as $$ begin return null; end $$`,
      );
      await write(market, 1);
      await client.query(rows[0].made);
    },
  },
];

const rewritten: Tampering[] = [
  {
    name: 'an entry changed and its own link rewritten to match',
    found: 'relinked',
    seq: 5,
    does: async (world) => {
      const { tamper, client, markets } = world;
      const [market] = markets;
      await edit("action = 'offer.end'")(world);
      const { rows } = await client.query('select * from audit_link where market_id = $1 order by seq', [
        market,
      ]);
      // What the database's own function makes of the changed entry.
      await tamper(`create temp table before as table audit_head`);
      await tamper('update audit_head set seq = 3, hash = $2 where market_id = $1', [
        market,
        rows[3].prev_hash,
      ]);
      await tamper('delete from audit_link where market_id = $1 and seq = 4', [market]);
      await tamper('select app.link_entry(e) from audit_entry e where market_id = $1 and id = $2', [
        market,
        rows[3].entry_id,
      ]);
      await tamper('truncate audit_head; insert into audit_head table before; drop table before');
    },
  },
  {
    name: 'an entry changed and the whole chain computed anew',
    found: 'rewritten',
    seq: 1,
    does: async (world) => {
      await edit("action = 'offer.end'")(world);
      await recompute(world);
    },
  },
  {
    name: 'an entry taken out and the whole chain computed anew, and then written on',
    found: 'rewritten',
    seq: 1,
    does: async (world) => {
      await drop(4)(world);
      await recompute(world);
      await world.write(world.markets[0], 3);
    },
  },
  {
    name: 'the head set back',
    found: 'head',
    seq: 10,
    does: own(`update audit_head set seq = 9, hash = (select hash from audit_link where market_id = $1 and seq = 9)
      where market_id = $1`),
  },
  {
    name: 'the head’s hash changed',
    does: own("update audit_head set hash = sha256('x') where market_id = $1"),
    found: 'head',
    seq: 11,
  },
  {
    name: 'the head deleted',
    does: own('delete from audit_head where market_id = $1'),
    found: 'head',
    seq: 1,
  },
  {
    name: 'a checkpoint that nobody signed, and what lies before it deleted',
    found: 'checkpoint',
    seq: 3,
    does: async ({ tamper, markets: [market] }) => {
      await tamper(
        `insert into audit_checkpoint (market_id, seq, hash, payload, key_id, signature)
         select market_id, seq, hash, '{}', 'audit-0', 'AAAA' from audit_link where market_id = $1 and seq = 3`,
        [market],
      );
      await tamper('delete from audit_link where market_id = $1 and seq <= 3', [market]);
    },
  },
];

/** Tamperings with rows. Those with the anchors' file stand in the test itself. */
export const tamperings: readonly Tampering[] = [...edits, ...gone, ...moved, ...added, ...rewritten];
