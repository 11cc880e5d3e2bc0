import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import type { ArgType, SqlQuery, SqlQueryable } from '@prisma/driver-adapter-utils';
import { Escorts } from '../../server/db/escorts.ts';
import { SessionPool } from '../../server/db/pool.ts';
import { running } from '../../server/db/running.ts';
import { ThinPg } from '../../server/db/thin-adapter.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { partnerScope, superuser } from '../support/scoped.ts';

/** SQL literals of each type; every one is also read back as an array of itself, and as NULL. */
const values: Record<string, readonly string[]> = {
  bool: ['true', 'false'],
  int2: ['0', '-32768', '32767'],
  int4: ['0', '-2147483648', '2147483647'],
  int8: ['0', '9007199254740993', '-9223372036854775808'],
  float4: ['1.5', '-0', "'NaN'", "'Infinity'", "'-Infinity'", '3.4e38'],
  float8: ['0.1', "'NaN'", "'Infinity'", '1e-300', '-1.7976931348623157e308'],
  numeric: ['0', '1.10', '-12345678901234567890.123456789', "'NaN'", "'Infinity'"],
  'numeric(10,2)': ['1', '99999999.99'],
  money: ["'12.34'", "'-5.00'", "'1234.5'"],
  text: ["''", "'a'", "'ـعربي 🎉'", '\'with "quotes", {braces} and \\\'', "'NULL'", "'line\nbreak'"],
  varchar: ["'v'"],
  'char(3)': ["'c'"],
  '"char"': ["'c'"],
  name: ["'n'"],
  citext: ["'MiXed'"],
  uuid: ["'00000000-0000-7000-8000-000000000001'"],
  bytea: ["'\\x'", "'\\x00ff10'", "'\\xdeadbeef'"],
  json: ["'null'", '\'{"a": [1, "x", null]}\'', '\'"text"\'', "'12345678901234567890'"],
  jsonb: ["'{}'", '\'[1, 2.50, {"k": "v"}]\''],
  date: [
    "'2026-11-23'",
    "'1969-12-31'",
    "'0001-01-01'",
    "'infinity'",
    "'-infinity'",
    "'0044-03-15 BC'",
    "'12026-01-01'",
  ],
  time: ["'00:00'", "'23:59:59.999999'", "'24:00'"],
  timetz: ["'12:34:56+03'", "'12:34:56.5-05:30'"],
  timestamp: [
    "'2026-11-23 09:00'",
    "'1969-07-20 20:17:40.123456'",
    "'infinity'",
    "'-infinity'",
    "'0044-03-15 12:00 BC'",
  ],
  timestamptz: [
    "'2026-11-23 09:00+03'",
    "'1901-01-01 00:00:00.001+00'",
    "'infinity'",
    "'-infinity'",
    "'0044-03-15 12:00+00 BC'",
    "'12026-01-01 00:00+00'",
  ],
  'timestamptz(3)': ["'2026-11-23 09:00:00.120+03'"],
  inet: ["'192.168.0.1'", "'10.0.0.0/8'", "'::1'"],
  cidr: ["'10.0.0.0/8'"],
  bit: ["B'1'"],
  'bit(3)': ["B'101'"],
  varbit: ["B'10110'"],
  xml: ['\'<a b="c"/>\''],
  oid: ['0', '4294967295'],
  colour: ["'red'", "'dark blue'"],
  small: ['7'],
  interval: ["'1 day'"],
  point: ["'(1,2)'"],
  tsvector: ["'a:1'"],
  int4range: ["'[1,5)'"],
  regclass: ["'plan'"],
};

const type = (
  scalarType: ArgType['scalarType'],
  dbType?: string,
  arity: ArgType['arity'] = 'scalar',
): ArgType => (dbType ? { scalarType, dbType, arity } : { scalarType, arity });

/** Arguments as Prisma's engine sends them, each with the SQL type that it meets. */
const args: readonly [string, unknown, ArgType][] = [
  ['text', 'a "quoted" ـعربي', type('string')],
  ['text', '', type('string')],
  ['uuid', '00000000-0000-7000-8000-000000000001', type('uuid')],
  ['int4', 42, type('int')],
  ['int8', '9007199254740993', type('bigint')],
  ['int8', 9007199254740993n, type('bigint')],
  ['float8', 0.1, type('float')],
  ['float8', Number.NaN, type('float')],
  ['numeric', '1.10', type('decimal')],
  ['bool', true, type('boolean')],
  ['bool', false, type('boolean')],
  ['jsonb', '{"a": [1, null]}', type('json')],
  ['bytea', Buffer.from([0, 255, 16]).toString('base64'), type('bytes')],
  ['bytea', new Uint8Array([0, 255, 16]), type('bytes')],
  ['bytea', new Uint8Array([9, 0, 255, 16]).subarray(1, 3), type('bytes')],
  ['timestamptz', '1969-07-20T20:17:40.123Z', type('datetime', 'TIMESTAMPTZ')],
  ['timestamptz', new Date('0001-01-01T00:00:00Z'), type('datetime', 'TIMESTAMPTZ')],
  ['timestamp', new Date('2026-11-23T09:00:00.5Z'), type('datetime')],
  ['date', new Date('1969-12-31T00:00:00Z'), type('datetime', 'DATE')],
  ['time', new Date('1970-01-01T23:59:59.999Z'), type('datetime', 'TIME')],
  ['timetz', '1970-01-01T12:34:56Z', type('datetime', 'TIMETZ')],
  ['text[]', ['a', 'b,"c"', '{}', 'NULL', '\\'], type('string', undefined, 'list')],
  ['text[]', [], type('string', undefined, 'list')],
  ['int4[]', [1, 2], type('int', undefined, 'list')],
  ['bool[]', [true, false], type('boolean', undefined, 'list')],
  ['timestamptz[]', ['1969-07-20T20:17:40.123Z'], type('datetime', 'TIMESTAMPTZ', 'list')],
  ['bytea[]', [Buffer.from([0, 255]).toString('base64')], type('bytes', undefined, 'list')],
  ['colour', 'dark blue', type('enum')],
  ['text', null, type('string')],
  ['int4', null, type('int')],
];

describe('the thin adapter, held against stock adapter-pg', () => {
  let test: TestDatabase;
  let pool: SessionPool;
  let thin: SqlQueryable;
  let stock: Awaited<ReturnType<PrismaPg['connect']>>;
  const scope = partnerScope(randomUUID());
  const inScope = <T>(work: () => Promise<T>) => running.run({ scope, raw: false }, work);

  before(async () => {
    test = await testDatabase();
    await superuser(test, async (client) => {
      await client.query(`create type colour as enum ('red', 'dark blue'); create domain small as int2`);
      await client.query('create extension if not exists citext').catch(() => {});
    });
    pool = new SessionPool({ url: test.url('bulkhead_partner'), size: 1, named: true });
    const escorts = new Escorts({ key: test.contextKeys.partner[0]!, mode: 'implicit', named: true });
    thin = await new ThinPg({ pool, escorts, named: true }).connect();
    stock = await new PrismaPg({ connectionString: test.url('bulkhead_partner'), max: 1 }).connect();
  });
  after(async () => {
    await pool.end();
    await stock.dispose();
    await test.drop();
  });

  const outcome = async (adapter: SqlQueryable, query: SqlQuery) => {
    try {
      return await adapter.queryRaw(query);
    } catch (error) {
      return { failed: (error as { cause?: unknown }).cause ?? String(error) };
    }
  };
  /** Twice on the thin adapter: the second run takes the remembered columns. */
  const same = async (query: SqlQuery) => {
    const expected = await outcome(stock, query);
    assert.deepEqual(await inScope(() => outcome(thin, query)), expected);
    assert.deepEqual(await inScope(() => outcome(thin, query)), expected);
    return expected;
  };
  const hasType = async (name: string) =>
    superuser(
      test,
      async (client) => (await client.query('select to_regtype($1) as type', [name])).rows[0].type !== null,
    );

  for (const [name, literals] of Object.entries(values)) {
    it(`reads ${name}`, async function () {
      if (name === 'citext' && !(await hasType(name))) this.skip();
      const plain = (sql: string): SqlQuery => ({ sql, args: [], argTypes: [] });
      for (const literal of literals) {
        await same(plain(`select (${literal})::${name} as value, null::${name} as nothing`));
        await same(plain(`select array[(${literal})::${name}, null] as value, '{}'::${name}[] as empty`));
      }
    });
  }

  it('reads the types of the product without failing', async () => {
    const sql =
      "select 1::int4, now()::timestamptz, 'a'::text, gen_random_uuid(), true, '{}'::jsonb, 1.5::float8, 'red'::colour";
    const answer = await inScope(() => thin.queryRaw({ sql, args: [], argTypes: [] }));
    assert.equal(answer.rows[0]!.length, 8);
  });

  for (const [name, value, argType] of args) {
    it(`sends ${value === null ? 'null' : `${Array.isArray(value) ? 'a list' : typeof value} ${argType.scalarType}`} as ${name}`, async () => {
      const expected = await same({ sql: `select $1::${name} as value`, args: [value], argTypes: [argType] });
      assert.ok(!('failed' in expected), JSON.stringify(expected));
    });
  }

  it('fails as adapter-pg does', async () => {
    const failures = [
      ["select 'x'::int4"],
      ['select 1/0'],
      ['select nowhere from plan'],
      ['select * from nowhere'],
      ['selec'],
      ['select $1::uuid', 'no-uuid'],
      ['select 100000::int2'],
      ["select 'abc'::varchar(2)::text || nothing"],
      ['select $1::text', 'nul\0inside'],
    ] as const;
    for (const [sql, ...given] of failures) {
      const expected = await same({ sql, args: [...given], argTypes: given.map(() => type('string')) });
      assert.ok('failed' in expected, sql);
    }
  });

  it('counts affected rows as adapter-pg does', async () => {
    const begin = { sql: 'create temp table t (a int)', args: [], argTypes: [] };
    for (const sql of [
      'select 1',
      'select generate_series(1, 3)',
      "set application_name = 'a'",
      'values (1), (2)',
    ]) {
      const query = { ...begin, sql };
      assert.equal(await inScope(() => thin.executeRaw(query)), await stock.executeRaw(query), sql);
    }
  });
});
