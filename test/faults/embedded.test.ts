import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canRun, serverAccount } from '../../server/db/embedded/account.ts';
import { findBinaries, packagedPostgres } from '../../server/db/embedded/binaries.ts';
import { startEmbedded } from '../../server/db/embedded/embedded.ts';
import { choosePlace, recall } from '../../server/db/embedded/place.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { skipBecause } from '../support/setup.ts';

const password = 'a password of this test';
const ask = async (url: string, sql: string) =>
  withClient(url, async (client) => (await client.query(sql)).rows[0]);

describe('embedded PostgreSQL', () => {
  let folder: string;
  const elsewhere: string[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bulkhead-embedded-'));
  });
  afterEach(() => {
    for (const path of [folder, ...elsewhere.splice(0)]) rmSync(path, { recursive: true, force: true });
  });

  it('keeps its data below a folder that only root may enter, somewhere its own account can', async function () {
    if (process.getuid?.() !== 0)
      skipBecause(this, 'only root has folders that the server’s account can’t enter');
    const home = join(folder, 'home');
    chmodSync(folder, 0o700);
    const first = await startEmbedded({ home, password });
    const place = choosePlace(home);
    elsewhere.push(place.folder);
    assert.ok(!place.folder.startsWith(folder), place.folder);
    await ask(first.superuserUrl('postgres'), `comment on role postgres is 'kept'`);
    await first.stop();
    const second = await startEmbedded({ home, password });
    const found = await ask(
      second.superuserUrl('postgres'),
      `select shobj_description('postgres'::regrole, 'pg_authid') as comment`,
    );
    await second.stop();
    assert.deepEqual(found, { comment: 'kept' });
    assert.equal(second.port, first.port);
  });

  it('runs from programs whose links no install script made and that its account can’t reach', () => {
    const { native, version } = packagedPostgres();
    const hidden = join(folder, 'hidden/native');
    const place = join(folder, 'place');
    mkdirSync(join(folder, 'hidden'), { mode: 0o700 });
    chmodSync(folder, 0o755);
    cpSync(native, hidden, { recursive: true, filter: (path) => !path.endsWith('.a') && !isLink(path) });
    if (process.getuid?.() !== 0) chmodSync(join(hidden, 'lib'), 0o500);
    const account = serverAccount(place);
    assert.equal(canRun(join(hidden, 'bin/postgres'), ['--version'], account).ok, false);
    const { postgres, initdb } = findBinaries(place, account, { native: hidden, version });
    assert.ok(postgres.startsWith(place), postgres);
    for (const program of [postgres, initdb])
      assert.deepEqual(canRun(program, ['--version'], account), { ok: true, reason: '' });
    assert.deepEqual(readdirSync(place), [`postgresql-${version}`]);
    if (process.getuid?.() !== 0) chmodSync(join(hidden, 'lib'), 0o700);
  });

  it('takes another port when its own is taken, and says the same to who joins it', async () => {
    const home = join(folder, 'home');
    chmodSync(folder, 0o755);
    const first = await startEmbedded({ home, password });
    await first.stop();
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(first.port, '127.0.0.1', resolve));
    const second = await startEmbedded({ home, password });
    const joined = await startEmbedded({ home, password });
    assert.notEqual(second.port, first.port);
    assert.deepEqual([joined.port, recall(home).port], [second.port, second.port]);
    await joined.stop();
    assert.deepEqual(await ask(second.superuserUrl('postgres'), 'select 1 as one'), { one: 1 });
    await second.stop();
    await new Promise((resolve) => blocker.close(resolve));
  });

  it('flushes to disk unless it is thrown away, and listens on this machine alone', async () => {
    const home = join(folder, 'home');
    chmodSync(folder, 0o755);
    const sql = `select current_setting('fsync') as fsync, current_setting('listen_addresses') as addresses,
      current_setting('unix_socket_directories') as sockets, current_setting('password_encryption') as passwords`;
    const fixed = { addresses: '127.0.0.1', sockets: '', passwords: 'scram-sha-256' };
    const kept = await startEmbedded({ home, password });
    assert.deepEqual(await ask(kept.superuserUrl('postgres'), sql), { fsync: 'on', ...fixed });
    assert.doesNotMatch(
      readFileSync(join(choosePlace(home).data, 'pg_hba.conf'), 'utf8'),
      /^(local|host).*\btrust$/m,
    );
    await kept.stop();
    const away = await startEmbedded({ home: join(folder, 'away'), throwAway: true });
    assert.deepEqual(await ask(away.superuserUrl('postgres'), sql), { fsync: 'off', ...fixed });
    await away.stop();
    assert.equal(existsSync(join(folder, 'away')), false);
  });
});

const isLink = (path: string) => lstatSync(path).isSymbolicLink();
