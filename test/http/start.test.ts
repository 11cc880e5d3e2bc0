import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { PortalName } from '../../server/config.ts';
import { root } from '../../server/paths.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { portalEnv } from '../support/http.ts';
import { buildOnce } from '../support/portal-processes.ts';

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
  readonly ended: Promise<{ code: number | null; stderr: string }>;
  readonly output: () => string;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('starting and stopping a portal process', () => {
  let database: TestDatabase;
  const children = new Set<ChildProcess>();
  before(async function () {
    this.timeout(120_000);
    await buildOnce();
    database = await testDatabase();
  });
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });
  after(() => database.drop());

  async function start(
    portal: PortalName,
    changes: Record<string, string | undefined> = {},
  ): Promise<Started> {
    const port = Number(changes.PORT ?? (await freePort()));
    const env = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ...portalEnv(portal, database),
      HOST: '127.0.0.1',
      PORT: String(port),
      ...changes,
    };
    const child = fork(join(root, `dist/${portal}.js`), {
      cwd: root,
      env,
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    children.add(child);
    let stderr = '';
    let stdout = '';
    child.stderr!.on('data', (chunk) => (stderr += chunk));
    child.stdout!.on('data', (chunk) => (stdout += chunk));
    // Not `close`, which never comes after disconnect(); its last words may follow the exit, though.
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const ended = exited.then(async (code) => {
      await pause(100);
      return { code, stderr };
    });
    return { child, port, ended, output: () => stdout + stderr };
  }

  async function untilUp({ port, ended }: Started): Promise<void> {
    let isOver = false;
    void ended.then(() => (isOver = true));
    for (const end = Date.now() + 30_000; Date.now() < end && !isOver; await pause(50)) {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
      await answer?.body?.cancel();
      if (answer?.status === 200) return;
    }
    throw new Error(`Not up: ${isOver ? (await ended).stderr : 'no answer'}`);
  }

  for (const portal of ['admin', 'partner'] as const) {
    it(`${portal}: answers, and ends on SIGTERM with exit code 0`, async () => {
      const started = await start(portal);
      await untilUp(started);
      started.child.kill('SIGTERM');
      assert.equal((await started.ended).code, 0, started.output());
    });
  }

  it('ends when the process that started it is gone', async () => {
    const started = await start('partner');
    await untilUp(started);
    started.child.disconnect();
    assert.equal((await started.ended).code, 0);
  });

  it('finishes a request that is under way, and takes no new one', async () => {
    const started = await start('partner');
    await untilUp(started);
    const socket = connect(started.port, '127.0.0.1');
    const body = 'email=nobody%40example.test&password=x';
    socket.write(
      `POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await pause(200);
    started.child.kill('SIGTERM');
    await pause(300);
    await assert.rejects(fetch(`http://127.0.0.1:${started.port}/healthz`));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk));
    socket.write(body);
    assert.equal((await started.ended).code, 0);
    assert.match(answer, /^HTTP\/1\.1 400 /);
  });

  const line = async (changes: Record<string, string | undefined>, portal: PortalName = 'partner') => {
    const started = await start(portal, changes);
    const { code, stderr } = await started.ended;
    assert.equal(code, 1);
    const lines = stderr
      .trim()
      .split('\n')
      .filter((each) => each.startsWith('bulkhead '));
    assert.equal(lines.length, 1, stderr);
    assert.doesNotMatch(stderr, /^\s+at /m);
    return lines[0]!;
  };

  it('a busy port: one line that says what to do', async () => {
    const other: Server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    assert.match(await line({ PORT: String(port) }), new RegExp(`^bulkhead partner: Port ${port} is in use`));
    other.close();
  });

  // What else it refuses, secrets and logins of the other portal above all: test/faults/boot-refusals.
  it('a missing key', async () => {
    assert.match(await line({ TOKEN_KEYS: undefined }), /TOKEN_KEYS is missing/);
  });

  it('a database that can’t be reached', async () => {
    const port = await freePort();
    assert.match(
      await line({ DATABASE_URL: `postgresql://a:b@127.0.0.1:${port}/c` }),
      /ECONNREFUSED|not answer|refused/i,
    );
  });
});
