import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startEmbedded } from '../../server/db/embedded/embedded.ts';
import { choosePlace } from '../../server/db/embedded/place.ts';
import { runningServer } from '../../server/db/embedded/postmaster.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { freePorts, Started } from '../support/started.ts';

const home = mkdtempSync(join(tmpdir(), 'bulkhead-start-'));
const secretsFile = join(home, 'secrets.json');
const env: Record<string, string> = { BULKHEAD_HOME: home, SEED: 'off' };
const address = { admin: '', partner: '' };

/** From dist/, where starts after the first one find them compiled. */
const script = (name: string, args: string[] = [], more = {}) =>
  new Started(`dist/scripts/${name}.js`, args, { ...env, ...more });

async function startUp(started = script('start')): Promise<Started> {
  await started.says(/Partner portal\s+http/);
  return started;
}

async function isUp(url: string): Promise<boolean> {
  const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) }).catch(
    () => undefined,
  );
  return response?.status === 200;
}

/** One line on stderr that says what is wrong and what to do; nothing left running. */
async function refusesWith(pattern: RegExp, more: Record<string, string> = {}): Promise<void> {
  const { code, signal, stdout, stderr } = await script('start', [], more).ended;
  assert.match(stderr, pattern, JSON.stringify({ code, signal, stdout, stderr }));
  assert.equal(stderr.trim().split('\n').length, 1, stderr);
  assert.equal(code, 1);
  await nothingRuns();
}

async function nothingRuns(): Promise<void> {
  assert.equal(runningServer(choosePlace(home).data), undefined);
  assert.deepEqual([await isUp(address.admin), await isUp(address.partner)], [false, false]);
}

async function sql(text: string, values: unknown[] = []) {
  const { superuserPassword } = JSON.parse(readFileSync(secretsFile, 'utf8'));
  const server = await startEmbedded({ home, password: superuserPassword });
  try {
    return await withClient(
      server.superuserUrl('bulkhead'),
      async (client) => (await client.query(text, values)).rows,
    );
  } finally {
    await server.stop();
  }
}

describe('npm start', function () {
  this.timeout(180_000);
  let running: Started | undefined;

  before(async () => {
    mkdirSync(home, { recursive: true });
    chmodSync(home, 0o711);
    const [admin, partner, shop] = await freePorts();
    const ports = { ADMIN_PORT: admin, PARTNER_PORT: partner, DEMO_SHOP_PORT: shop };
    for (const [name, port] of Object.entries(ports)) env[name] = String(port);
    Object.assign(address, { admin: `http://127.0.0.1:${admin}`, partner: `http://127.0.0.1:${partner}` });
  });

  after(async () => {
    running?.child.kill('SIGTERM');
    await running?.ended;
    for (const folder of [choosePlace(home).folder, home]) rmSync(folder, { recursive: true, force: true });
  });

  it('brings up both portals from nothing, with secrets that only their owner reads', async () => {
    const inTheWay = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => inTheWay.listen(Number(env.DEMO_SHOP_PORT), '127.0.0.1', resolve));
    // As npm start does it.
    running = await startUp(new Started('scripts/start.ts', [], env));
    await new Promise((resolve) => inTheWay.close(resolve));
    assert.deepEqual([await isUp(address.admin), await isUp(address.partner)], [true, true]);
    assert.doesNotMatch(running.stdout, /Widget/);
    assert.equal(statSync(secretsFile).mode & 0o777, 0o600);
  });

  it('tells a second start in one line, and the first goes on', async () => {
    const { code, stderr } = await script('start').ended;
    assert.match(stderr, /^bulkhead start: Already running here \(process \d+\): [^\n]*\n$/);
    assert.equal(code, 1);
    assert.deepEqual([await isUp(address.admin), await isUp(address.partner)], [true, true]);
  });

  it('finds its own trail and its anchors untouched', async () => {
    const { code, stdout, stderr } = await new Started('scripts/audit-verify.ts', [], env).ended;
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /entries in \d+ chains/);
  });

  it('refuses to reset the database under running portals', async () => {
    const { code, stderr } = await script('reset').ended;
    assert.match(stderr, /^bulkhead db:reset: Process \d+ is using the database: stop npm start first\.\n$/);
    assert.equal(code, 1);
  });

  it('stops everything in order on SIGTERM', async () => {
    running?.child.kill('SIGTERM');
    const ended = await running?.ended;
    assert.equal(ended?.code, 0, ended?.stderr);
    assert.equal(ended?.stderr, '');
    await nothingRuns();
    assert.equal(existsSync(join(home, 'start.pid')), false);
    // Only for the pace of the starts that follow, on a busy disk.
    appendFileSync(join(choosePlace(home).data, 'postgresql.conf'), 'fsync = off\n');
  });

  it('names a busy port and the setting for another', async () => {
    const blocker = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => blocker.listen(Number(env.PARTNER_PORT), '127.0.0.1', resolve));
    await refusesWith(
      /^bulkhead start: Port \d+ for the partner portal is taken: .*PARTNER_PORT=\d+ npm start/,
    );
    await new Promise((resolve) => blocker.close(resolve));
  });

  it('names the demo shop’s port, which it needs only with demo data to show', async () => {
    const same = { DEMO_SHOP_PORT: env.PARTNER_PORT! };
    await refusesWith(/^bulkhead start: PARTNER_PORT and DEMO_SHOP_PORT are the same: choose two/, {
      ...same,
      SEED: 'on',
    });
    const blocker = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => blocker.listen(Number(env.DEMO_SHOP_PORT), '127.0.0.1', resolve));
    await refusesWith(
      /^bulkhead start: Port \d+ for the demo shop is taken: .*DEMO_SHOP_PORT=\d+ npm start/,
      { SEED: 'on' },
    );
    await new Promise((resolve) => blocker.close(resolve));
  });

  it('names a DATABASE_URL that leads nowhere, without its password', async () => {
    const url = 'postgresql://somebody:hidden-word@127.0.0.1:1/nowhere';
    await refusesWith(/^bulkhead start: Can't connect to postgresql:\/\/somebody@127\.0\.0\.1:1\/nowhere: /, {
      DATABASE_URL: url,
    });
    assert.doesNotMatch((await script('start', [], { DATABASE_URL: url }).ended).stderr, /hidden-word/);
  });

  it('names a DATABASE_URL that is none', async () => {
    await refusesWith(/^bulkhead start: Settings: DATABASE_URL must look like postgresql:/, {
      DATABASE_URL: 'mysql:x',
    });
  });

  it('names a half-applied migration and both ways out; one of them works', async () => {
    const [{ name }] = await sql(
      `update _prisma_migrations set finished_at = null
       where migration_name = (select max(migration_name) from _prisma_migrations) returning migration_name as name`,
    );
    await refusesWith(
      new RegExp(`^bulkhead start: Migration ${name} stopped half-way.*--rolled-back ${name}`),
    );
    const resolved = await script('migrate', ['--applied', name]).ended;
    assert.equal(resolved.stdout, `${name} is marked as applied.\n`, resolved.stderr);
    assert.deepEqual((await script('migrate').ended).stdout, 'Nothing to apply.\n');
  });

  it('names a missing key; keys:rotate makes a new one', async () => {
    const { contextKeys, ...rest } = JSON.parse(readFileSync(secretsFile, 'utf8'));
    const { partner: _lost, ...others } = contextKeys;
    const kept = { ...rest, contextKeys: others };
    writeFileSync(secretsFile, JSON.stringify(kept), { mode: 0o600 });
    await refusesWith(
      /^bulkhead start: contextKeys\.partner is missing or damaged in .*: run npm run keys:rotate/,
    );
    const rotated = await script('rotate-keys').ended;
    assert.equal(rotated.code, 0, rotated.stderr);
    const after = JSON.parse(readFileSync(secretsFile, 'utf8'));
    assert.deepEqual(after.tokenKeys.admin[1], rest.tokenKeys.admin[0]);
    assert.equal(statSync(secretsFile).mode & 0o777, 0o600);
    const live = await sql('select kid from vault.context_key where retired_at is null order by kid');
    const rings = Object.values<{ kid: string }[]>(after.contextKeys);
    const kids = rings.flat().map(({ kid }) => kid);
    assert.deepEqual(
      live.map(({ kid }) => kid),
      kids.sort(),
    );
  });

  it('names lost secrets beside existing data', async () => {
    const kept = readFileSync(secretsFile);
    rmSync(secretsFile);
    await refusesWith(
      /^bulkhead start: .*secrets\.json is missing but its database is there: restore the file/,
    );
    assert.equal(existsSync(secretsFile), false);
    writeFileSync(secretsFile, kept, { mode: 0o600 });
  });

  it('killed outright, leaves no server and no portal, and the next start finds the data', async () => {
    await sql(`comment on role bulkhead_partner is 'kept'`);
    running = await startUp();
    running.child.kill('SIGKILL');
    for (let i = 0; i < 200 && (runningServer(choosePlace(home).data) || (await isUp(address.admin))); i++)
      await pause(50);
    await nothingRuns();
    running = await startUp();
    assert.deepEqual([await isUp(address.admin), await isUp(address.partner)], [true, true]);
    const kept = `select shobj_description('bulkhead_partner'::regrole, 'pg_authid') as comment`;
    assert.deepEqual(await sql(kept), [{ comment: 'kept' }]);
  });

  it('says that the database ended, and ends both portals', async () => {
    const server = runningServer(choosePlace(home).data);
    assert.ok(server && running?.child.exitCode === null, 'npm start runs');
    process.kill(server.pid, 'SIGQUIT');
    const ended = await running?.ended;
    assert.equal(ended?.stderr, 'bulkhead start: The database server stopped by itself.\n');
    assert.equal(ended?.code, 1);
    await nothingRuns();
  });

  it('says which portal refused to run and why, ends the other and the database', async () => {
    await sql('create table public.stray (id integer)');
    await refusesWith(/^bulkhead start: The (admin|partner) portal stopped: .*\bstray\b/);
  });
});

describe('one portal by itself', () => {
  for (const portal of ['admin', 'partner']) {
    it(`${portal} names every setting that is missing, on one line`, async () => {
      const { code, stderr } = await new Started(`${portal}.ts`, [], {}).ended;
      assert.match(
        stderr,
        new RegExp(`^bulkhead ${portal}: Settings: DATABASE_URL is missing; [^\\n]*CONTEXT_KEYS is missing`),
      );
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
      assert.equal(code, 1);
    });
  }
});
