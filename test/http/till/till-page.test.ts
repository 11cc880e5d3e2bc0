import assert from 'node:assert/strict';
import sharp from 'sharp';
import request, { type Response } from 'supertest';
import { asBytes } from '../../support/bytes.ts';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';

interface Shell {
  readonly build: string;
  readonly address: string;
  readonly page: string;
  readonly files: string[];
}

describe('the till’s page', () => {
  let portals: TestPortals;
  before(async () => {
    portals = await startPortals();
  });
  after(() => portals.close());

  const get = (path: string, headers: Record<string, string> = {}) =>
    request(portals.partner.url).get(path).set(headers).redirects(0);
  const shellOf = async (): Promise<Shell> =>
    JSON.parse(/^self\.SHELL = (.*);$/m.exec((await get('/till/sw.js')).text)![1]!);

  it('is one page for everybody, without a session and without a cookie', async () => {
    const signedIn: Browser = await portals.signIn(partnerLogin('amber'));
    const [one, other] = [await get('/till'), await signedIn.get('/till')];
    assert.equal(one.status, 200);
    assert.equal(one.text, other.text);
    for (const answer of [one, other]) assert.equal(answer.get('Set-Cookie'), undefined);
    assert.match(one.text, /<noscript>.*lang="en".*lang="ar"/s);
    assert.doesNotMatch(one.text, /<script(?![^>]*src=)|<style|\sstyle=|\son\w+=/);
  });

  it('may load its own files and nothing else, use the camera, and keep a service worker', async () => {
    const answer = await get('/till');
    const policy = answer.get('Content-Security-Policy')!;
    assert.match(policy, /^default-src 'none'; script-src 'self'; worker-src 'self';/);
    assert.match(policy, /manifest-src 'self'/);
    assert.doesNotMatch(policy, /unsafe|nonce|data:|blob:|https?:|\*/);
    assert.match(answer.get('Permissions-Policy')!, /^camera=\(self\), microphone=\(\)/);
    assert.equal(answer.get('Cache-Control'), 'no-cache');
    const worker = await get('/till/sw.js');
    assert.equal(worker.get('Service-Worker-Allowed'), '/till');
    assert.equal(worker.get('Cache-Control'), 'no-cache');
    assert.match(worker.get('Content-Type')!, /^text\/javascript/);
    assert.match((await get('/sign-in')).get('Permissions-Policy')!, /^camera=\(\)/);
  });

  it('comes with every file that it and its modules name, each under its version’s address', async () => {
    const { build, files, page, address } = await shellOf();
    assert.equal(page, '/till');
    assert.equal(address, `${portals.partner.deps.config.publicUrl}/sync/v1`);
    const { text } = await get('/till');
    for (const [, named] of text.matchAll(/(?:src|stylesheet" href|data-icons)="?="([^"]+)"/g))
      assert.ok(files.includes(named!), named);
    assert.ok(text.includes(`/till/build/${build}/main.js`));
    for (const file of files) {
      const answer = await get(file).buffer(true).parse(asBytes);
      assert.equal(answer.status, 200, file);
      assert.match(answer.get('Cache-Control')!, /max-age=31536000, immutable/, file);
      if (!file.startsWith('/till/build/')) continue;
      for (const [, imported] of String(answer.body).matchAll(/(?:from|import\() ?'(\.[^']+)'/g)) {
        const wanted = new URL(imported!, `http://x${file}`).pathname;
        assert.ok(files.includes(wanted), `${file} imports ${imported}`);
      }
    }
  });

  it('is asked for again without being sent again', async () => {
    const { headers } = await get('/till');
    assert.equal((await get('/till', { 'If-None-Match': headers.etag! })).status, 304);
  });

  it('can be installed: a manifest in each language, and icons of the sizes that it names', async () => {
    for (const locale of ['en', 'ar']) {
      const answer = await get(`/till/manifest.${locale}.webmanifest`);
      assert.match(answer.get('Content-Type')!, /^application\/manifest\+json/);
      const manifest = JSON.parse(answer.text ?? String(answer.body));
      assert.deepEqual(
        [manifest.start_url, manifest.scope, manifest.display, manifest.lang],
        ['/till', '/till', 'standalone', locale],
      );
      assert.ok(manifest.icons.some(({ purpose }: { purpose: string }) => purpose === 'maskable'));
      for (const { src, sizes } of manifest.icons) {
        const icon = await get(src).buffer(true).parse(asBytes);
        const { width, height, format } = await sharp(icon.body).metadata();
        assert.deepEqual([`${width}x${height}`, format], [sizes, 'png']);
      }
    }
  });

  for (const path of [
    '/till/none',
    '/till/build/other/main.js',
    '/till/icons/9999.png',
    '/till/manifest.fr.webmanifest',
    '/till/build/%2e%2e/%2e%2e/package.json',
  ]) {
    it(`knows no ${path}, and asks nobody to sign in for it`, async () => {
      const answer: Response = await get(path);
      assert.equal(answer.status, 404);
    });
  }

  it('is the partner process’s alone', async () => {
    const { status } = await request(portals.admin.url).get('/till').redirects(0);
    assert.notEqual(status, 200);
  });

  it('has another version’s name as soon as the server goes by another address', async () => {
    const other = await startPortals({ env: { PUBLIC_URL: 'https://till.example' } });
    const { text } = await request(other.partner.url).get('/till/sw.js');
    await other.close();
    const { build, address } = JSON.parse(/^self\.SHELL = (.*);$/m.exec(text)![1]!) as Shell;
    assert.equal(address, 'https://till.example/sync/v1');
    assert.notEqual(build, (await shellOf()).build);
  });
});
