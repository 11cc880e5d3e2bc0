import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../server/paths.ts';

interface Answer {
  readonly code: number;
  readonly out: string;
}

const run = (tool: string, args: readonly string[], cwd = root): Promise<Answer> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, 'node_modules', tool), ...args],
      { cwd, maxBuffer: 64_000_000 },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, out: stdout + stderr }),
    );
  });

const cruiser = 'dependency-cruiser/bin/dependency-cruise.mjs';
const biome = '@biomejs/biome/bin/biome';
const rules = ['--config', join(root, '.config/dependency-cruiser.cjs')];

/** Rule broken by each file of the fixture; what is not listed must break none. */
const broken: Readonly<Record<string, string>> = {
  'server/offers/unscoped.queries.ts': 'database-by-scope-alone',
  'server/offers/adapter.queries.ts': 'database-by-scope-alone',
  'server/deps.ts': 'composition-takes-no-client',
  'server/offers/driver.service.ts': 'drivers-in-db-alone',
  'server/offers/prisma-driver.service.ts': 'drivers-in-db-alone',
  'server/offers/prisma-runtime.service.ts': 'drivers-in-db-alone',
  'server/offers/gate.service.ts': 'gate-for-signing-in-alone',
  'server/offers/settings.service.ts': 'settings-at-the-top-alone',
  'server/offers/upward.service.ts': 'nothing-points-up-to-routes',
  'server/offers/portal.ts': 'nothing-points-up-to-the-app',
  'server/offers/neighbour.ts': 'features-meet-in-services-and-queries',
  'server/http/feature.ts': 'base-knows-no-feature',
  'server/market/scoping/impure.ts': 'scoping-stays-pure',
  'server/offers/script.ts': 'product-knows-no-scripts-or-tests',
  'server/offers/circle-one.ts': 'no-circles',
};

interface Cruise {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
  };
}

describe('the layer rule', () => {
  it('holds in the product', async () => {
    const { code, out } = await run(cruiser, [
      ...rules,
      '--output-type',
      'json',
      'server',
      'admin.ts',
      'partner.ts',
    ]);
    const { summary } = JSON.parse(out) as Cruise;
    assert.deepEqual(
      summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`),
      [],
    );
    assert.equal(code, 0);
    assert.ok(summary.totalCruised > 200, 'reads the TypeScript of the product');
  });

  it('fails for a file that breaks it, rule by rule', async () => {
    const { out } = await run(
      cruiser,
      [...rules, '--output-type', 'json', 'server', 'scripts'],
      join(root, 'test/fixtures/layers'),
    );
    const { summary } = JSON.parse(out) as Cruise;
    for (const [file, rule] of Object.entries(broken)) {
      const found = summary.violations
        .filter(({ from }) => from === file)
        .map((violation) => violation.rule.name);
      assert.ok(found.includes(rule), `${file} breaks ${rule}, found: ${found.join(', ') || 'nothing'}`);
    }
    const surplus = summary.violations.filter(({ from }) => !(from in broken));
    assert.deepEqual(surplus, []);
    const proven = new Set(Object.values(broken));
    assert.deepEqual(
      summary.ruleSetUsed.forbidden.map(({ name }) => name).filter((name) => !proven.has(name)),
      [],
    );
  });
});

describe('the ban on SQL from strings', () => {
  it('holds in the product', async () => {
    const { out } = await run(biome, ['lint', 'server', 'scripts', 'test', 'prisma']);
    assert.match(out, /Checked ([2-9]\d\d|[1-9]\d\d\d) files/);
    assert.ok(!out.includes('tagged template alone'), out);
  });

  it('fails for each way to name the method', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-lint-'));
    const file = join(folder, 'unsafe-sql.ts');
    copyFileSync(join(root, 'test/fixtures/lint/unsafe-sql.ts'), file);
    const settings = { root: true, plugins: [join(root, '.config/no-unsafe-sql.grit')] };
    writeFileSync(join(folder, 'biome.json'), JSON.stringify(settings));
    const { code, out } = await run(biome, ['lint', '--config-path', folder, file]);
    rmSync(folder, { recursive: true });
    assert.equal(code, 1, out);
    for (const line of [6, 7, 8]) assert.match(out, new RegExp(`unsafe-sql\\.ts:${line}:\\d+ plugin`));
  });
});
