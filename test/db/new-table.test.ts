import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrationName } from '../../scripts/new-table/migration.ts';
import { tableNames } from '../../scripts/new-table/names.ts';
import { withModel } from '../../scripts/new-table/schema.ts';
import { BootError } from '../../server/boot-error.ts';
import { root } from '../../server/paths.ts';

const COPIED = [
  'package.json',
  'tsconfig.json',
  '.config',
  'prisma',
  'scripts',
  'server',
  'test/support',
  'test/db',
];

interface Run {
  readonly code: number | null;
  readonly output: string;
}

/** The generator in a copy of the checkout, and the suite's own checks on what it wrote. */
describe('npm run new:table', function () {
  this.timeout(600_000);
  let copy: string;

  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'bulkhead-new-table-'));
    for (const path of COPIED) cpSync(join(root, path), join(copy, path), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  function run(...args: string[]): Promise<Run> {
    // Mocha hands its own settings down to child processes.
    const { NODE_OPTIONS: _inherited, ...env } = process.env;
    const child = spawn(process.execPath, args, { cwd: copy, env });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        output += data;
      });
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
  }
  const newTable = (...names: string[]) => run('--import', 'tsx', 'scripts/new-table/new-table.ts', ...names);
  const suite = (...files: string[]) =>
    run(
      'node_modules/mocha/bin/mocha.js',
      '--config',
      '.config/mocha.json',
      ...files.map((file) => `test/db/${file}.test.ts`),
    );

  const migration = () => {
    const folder = readdirSync(join(copy, 'prisma/migrations')).find((name) =>
      name.endsWith('_create_gift_card'),
    );
    assert.ok(folder, 'no migration was written');
    return join(copy, 'prisma/migrations', folder, 'migration.sql');
  };

  interface Omission {
    readonly file: string;
    readonly part: string | RegExp;
    /** What the suite has to say about it. */
    readonly complaint: RegExp;
  }

  /** Leaves things out, sees the named suite fail about each of them, and puts them back. */
  async function without(suiteName: string, ...omissions: Omission[]): Promise<void> {
    const originals = new Map(omissions.map(({ file }) => [file, readFileSync(file, 'utf8')]));
    for (const { file, part } of omissions) {
      const text = readFileSync(file, 'utf8');
      assert.notEqual(text.replace(part, ''), text, `${file} has no ${part}`);
      writeFileSync(file, text.replace(part, ''));
    }
    const { code, output } = await suite(suiteName);
    for (const [file, text] of originals) writeFileSync(file, text);
    assert.match(output, /, [1-9]\d* failed, /);
    assert.notEqual(code, 0, `${suiteName} passed`);
    for (const { complaint } of omissions) assert.match(output, complaint);
  }

  for (const [names, message] of [
    [[], /Give one name: npm run new:table -- gift_card/],
    [['a', 'b'], /Give one name/],
    [['GiftCard'], /"GiftCard" is no table name: write lower case words with _ between them/],
    [['gift-card'], /is no table name/],
    [['1st'], /is no table name/],
    [['gift__card'], /is no table name/],
    [['x; drop table offer'], /is no table name/],
    [['order'], /"order" is a reserved word/],
    [['json'], /"json" is a reserved word/],
    [['pg_thing'], /belong to PostgreSQL/],
    [['a'.repeat(36)], /has 36 characters: a name may have 35/],
    [['offer'], /has a model for "offer" already/],
  ] as [string[], RegExp][]) {
    it(`refuses the name ${JSON.stringify(names.join(' '))}`, () => {
      const attempt = () =>
        withModel(
          readFileSync(join(copy, 'prisma/schema.prisma'), 'utf8'),
          tableNames(names[0], ...names.slice(1)),
        );
      assert.throws(attempt, (error) => error instanceof BootError && message.test(error.message));
    });
  }

  it('says so in one line, and writes nothing', async () => {
    const schema = join(copy, 'prisma/schema.prisma');
    const before = readFileSync(schema, 'utf8');
    const { code, output } = await newTable('offer');
    assert.equal(code, 1);
    assert.equal(output, 'bulkhead new:table: prisma/schema.prisma has a model for "offer" already.\n');
    assert.equal(readFileSync(schema, 'utf8'), before);
  });

  it('names a migration behind all others, whatever the clock says', () => {
    const names = tableNames('gift_card');
    const there = ['20991231235959_create_x', 'migration_lock.toml'];
    assert.equal(migrationName(names, there, new Date()), '21000101000000_create_gift_card');
    assert.equal(
      migrationName(names, [], new Date('2026-01-02T03:04:05Z')),
      '20260102030405_create_gift_card',
    );
  });

  it('writes model, migration and declaration, and the suite’s checks include the table and pass', async () => {
    const { code, output } = await newTable('gift_card');
    assert.equal(code, 0, output);
    assert.ok(existsSync(join(copy, 'server/db/access/gift-card.table.ts')));
    assert.match(readFileSync(join(copy, 'prisma/schema.prisma'), 'utf8'), /^ {2}giftCards\s+GiftCard\[\]$/m);
    const checks = await suite(
      'schema-rules',
      'policy-table',
      'policy-table.catalogue',
      'policy-table.references',
    );
    assert.equal(checks.code, 0, checks.output);
    assert.match(checks.output, /^[1-9]\d* passed, 0 failed, 0 skipped$/m);
    assert.match(checks.output, /hold for the model GiftCard/);
    for (const command of ['select', 'insert', 'update', 'delete']) {
      assert.match(checks.output, new RegExp(`bulkhead_partner really may ${command} gift_card`));
    }
  });

  it('refuses the same name a second time', async () => {
    assert.match((await newTable('gift_card')).output, /already/);
  });

  it('leaves the policy table to fail when a policy is taken out', () =>
    without('policy-table', {
      file: migration(),
      part: /create policy partner_select on gift_card[^;]*;\n/,
      complaint: /bulkhead_partner, amber \w+: select gift_card .* gave "rows "/,
    }));

  it('leaves the schema rules to fail for each thing that is taken out', () =>
    without(
      'schema-rules',
      {
        file: migration(),
        part: 'alter table gift_card force row level security;\n',
        complaint: /\d\) hold in the database: row-level security is enabled and forced/,
      },
      {
        file: migration(),
        part: 'grant delete on gift_card to bulkhead_partner;\n',
        complaint: /gift_card DELETE bulkhead_partner/,
      },
      {
        file: migration(),
        part: ' default app.market_id()',
        complaint: /\d\) hold in the database: market_id defaults to app\.market_id\(\)/,
      },
      {
        file: migration(),
        part: /alter table gift_card alter column name.*\n/,
        complaint: /gift_card\.name/,
      },
      {
        file: join(copy, 'prisma/schema.prisma'),
        part: /\n\/\/\/ Say here what a gift card is\.\nmodel GiftCard \{.*?\n\}\n|^ {2}giftCards[^\n]*\n/gms,
        complaint: /the database has, schema\.prisma lacks: gift_card\.market_id/,
      },
    ));

  it('leaves the schema rules to fail when the declaration’s row is taken out', () =>
    without('schema-rules', {
      file: join(copy, 'server/db/access/market-tables.ts'),
      part: '  gift_card: giftCard,\n',
      complaint: /is missing in server\/db\/access/,
    }));
});
