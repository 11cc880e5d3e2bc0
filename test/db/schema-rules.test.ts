import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { access, type TableAccess } from '../../server/db/access/declaration.ts';
import { prismaFolder } from '../../server/paths.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { marketKeyOf, readTables } from '../support/fixture/tables.ts';
import { schemaDrift } from '../support/schema-rules/drift.ts';
import { readModels, type SchemaModel } from '../support/schema-rules/models.ts';
import { broken, rules } from '../support/schema-rules/rules.ts';

const schema = readFileSync(join(prismaFolder, 'schema.prisma'), 'utf8');
const models = readModels(schema);

/** What a market's own login may be bound by: a row of another market meets none of them. */
const MARKET_PREDICATES = /^(market(-\w+)*|own-session|own-audit)$/;

/** What the public login may be bound by: all of them ask for the market of a public context, or for one key. */
const PUBLIC_PREDICATES = /^(public(-\w+)+|own-key|own-shopper|of-shopper|own-public-audit)$/;

/** What must hold for one model with `marketId`, beside what the database is asked. */
function modelFindings(
  model: SchemaModel,
  declared: TableAccess | undefined,
  tables: readonly string[],
): string[] {
  const findings: string[] = [];
  if (!tables.includes(model.table)) findings.push('has no table: is its migration missing?');
  if (!model.marketId?.includes('@default(dbgenerated("app.market_id()"))'))
    findings.push('marketId lacks its default');
  if (!declared) return [...findings, 'is missing in server/db/access'];
  if (declared.marketKey !== 'market_id') findings.push('is declared as a shared table');
  if (Object.keys(declared.roles).length === 0) findings.push('is declared without a role');
  for (const [command, rule] of Object.entries(declared.roles.bulkhead_partner ?? {})) {
    if (!MARKET_PREDICATES.test(rule.rows))
      findings.push(`${command}: "${rule.rows}" is no condition of a market`);
    if (rule.after) findings.push(`${command}: the row must meet the same condition afterwards`);
  }
  for (const [command, rule] of Object.entries(declared.roles.bulkhead_public ?? {})) {
    if (!PUBLIC_PREDICATES.test(rule.rows))
      findings.push(`${command}: "${rule.rows}" is no condition of the public surface`);
  }
  return findings;
}

describe('schema rules', () => {
  let database: TestDatabase;
  let client: pg.Client;

  before(async () => {
    database = await testDatabase();
    client = new pg.Client(database.superuserUrl);
    await client.connect();
  });
  after(async () => {
    await client?.end();
    await database?.drop();
  });

  const marketModels = models.filter(({ marketId }) => marketId);

  it('know every table with a market from both sides', async () => {
    const tables = (await readTables(client)).filter((table) => marketKeyOf(table) === 'market_id');
    assert.deepEqual(tables.map(({ name }) => name).sort(), marketModels.map(({ table }) => table).sort());
    assert.ok(marketModels.length >= 10);
  });

  for (const model of marketModels) {
    it(`hold for the model ${model.name}`, async () => {
      const tables = (await readTables(client)).map(({ name }) => name);
      assert.deepEqual(modelFindings(model, access[model.table], tables), []);
    });
  }

  it('tell of a model that lacks something', () => {
    const model: SchemaModel = { name: 'Thing', table: 'thing', marketId: 'marketId String @db.Uuid' };
    assert.deepEqual(modelFindings(model, undefined, []), [
      'has no table: is its migration missing?',
      'marketId lacks its default',
      'is missing in server/db/access',
    ]);
    const loose = {
      marketKey: null,
      roles: { bulkhead_partner: { select: { rows: 'everyone', columns: '*' } } },
    } as const;
    assert.deepEqual(
      modelFindings({ ...model, marketId: '@default(dbgenerated("app.market_id()"))' }, loose, ['thing']),
      ['is declared as a shared table', 'select: "everyone" is no condition of a market'],
    );
  });

  for (const rule of rules) {
    it(`hold in the database: ${rule.name}`, async () => assert.deepEqual(await broken(client, rule), []));

    it(`notice when broken: ${rule.name}`, async () => {
      await client.query('begin');
      try {
        await client.query(VIOLATIONS[rule.name] ?? 'no violation is written for this rule');
        assert.ok((await broken(client, rule)).length > 0);
      } finally {
        await client.query('rollback');
      }
    });
  }

  it('find no drift between schema.prisma and the migrations', async () => {
    assert.deepEqual(await schemaDrift(client, database.superuserUrl, schema), []);
  });

  it('notice drift in a column, an index, a key and a default', async () => {
    for (const [from, to] of [
      ['stateReason String?', 'stateReason String '],
      ['@@index([marketId, createdAt, id])', ''],
      ['@@unique([marketId, email])', ''],
      ['@default("open")', '@default("closed")'],
      [
        'fields: [marketId, imageId], references: [marketId, id], onDelete: Restrict',
        'fields: [marketId, imageId], references: [marketId, id], onDelete: Cascade',
      ],
    ] as const) {
      assert.ok(schema.includes(from), from);
      assert.notDeepEqual(
        await schemaDrift(client, database.superuserUrl, schema.replace(from, to)),
        [],
        from,
      );
    }
  });
});

/** One careless migration for each rule. */
const VIOLATIONS: Readonly<Record<string, string>> = {
  'market_id is a UUID, NOT NULL': 'create table careless (market_id uuid)',
  'market_id defaults to app.market_id()': 'alter table branch alter column market_id drop default',
  'row-level security is enabled and forced': 'alter table branch no force row level security',
  'there is a primary key': 'alter table offer_event drop constraint offer_event_pkey',
  'every primary and unique key begins with market_id': 'create unique index careless on team_member (email)',
  'every foreign key to a market’s table begins with market_id on both sides':
    'create unique index careless_id on branch (id); alter table offer_event add constraint careless foreign key (branch_id) references branch (id)',
  'a foreign key to the market itself is market_id':
    'alter table import_job add constraint careless foreign key (member_id) references market (id)',
  'a market stands behind every row: a foreign key leads to it':
    'alter table image drop constraint image_market_id_fkey',
  'policies are permissive, each for one role and command, and there is one':
    'create policy careless on branch to bulkhead_partner using (true)',
  'each policy has its grant, and each grant its policy': 'grant delete on branch to bulkhead_partner',
  'no role may update market_id': 'grant update (market_id) on branch to bulkhead_partner',
  'the planner keeps no statistics of content': 'alter table branch add column note text',
  'no enums': `create type careless as enum ('a')`,
  'no sequences': 'alter table branch add column number bigserial',
  'no time without a time zone': 'alter table branch add column opened timestamp',
  'no ON DELETE SET NULL or SET DEFAULT, no ON UPDATE action':
    'alter table offer add constraint careless foreign key (category_id) references category (id) on delete set null',
  'no foreign key from a shared table to a market’s':
    'alter table staff_user add constraint careless foreign key (id) references market (id)',
  'views read with the rights of who asks': 'create view careless as select * from offer',
  'a partition is closed to everybody: forced row-level security, no policy, no grant': `do $$ begin execute (select format('grant select on %s to bulkhead_partner', min(inhrelid::regclass::text))
      from pg_inherits where inhparent = 'offer_event'::regclass); end $$`,
  'no triggers but those that keep claims and queue rollups':
    'create trigger careless before update on offer for each row execute function suppress_redundant_updates_trigger()',
};
