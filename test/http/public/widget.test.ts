import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { bundleWidget } from '../../../server/widget/widget-bundle.ts';
import { asBytes } from '../../support/bytes.ts';
import { startPortals, type TestPortals } from '../../support/http.ts';

const MOST_BYTES = 15_000;

describe('the widget’s script', () => {
  let portals: TestPortals;
  before(async () => {
    portals = await startPortals();
  });
  after(() => portals.close());

  const ask = (headers: Record<string, string> = {}) =>
    request(portals.partner.url).get('/widget.js').set(headers).buffer(true).parse(asBytes);

  it('is small, plain and loads nothing else', async () => {
    const { body, status, headers } = await ask({ 'Accept-Encoding': 'identity' });
    assert.equal(status, 200);
    assert.match(headers['content-type']!, /^text\/javascript/);
    const text = (body as Buffer).toString();
    assert.ok(gzipSync(body).length < MOST_BYTES, `${gzipSync(body).length} bytes in gzip`);
    assert.doesNotMatch(
      text,
      /\binnerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|import\(/,
    );
    assert.doesNotMatch(text, /\.style\b|style=/);
  });

  it('may be embedded by every origin, and is asked for again without being sent again', async () => {
    const { headers } = await ask({ Origin: 'https://shop.example' });
    assert.equal(headers['access-control-allow-origin'], '*');
    assert.equal(headers['cross-origin-resource-policy'], 'cross-origin');
    assert.match(headers['cache-control']!, /^public, max-age=\d+/);
    assert.equal(headers['set-cookie'], undefined);
    const again = await ask({ 'If-None-Match': headers.etag! });
    assert.deepEqual([again.status, (again.body as Buffer).length], [304, 0]);
    const packed = await request(portals.partner.url).get('/widget.js').set('Accept-Encoding', 'gzip');
    assert.equal(packed.headers['content-encoding'], 'gzip');
  });

  it('is the partner process’s alone', async () => {
    const { status } = await request(portals.admin.url).get('/widget.js').set('Accept', 'text/html');
    assert.notEqual(status, 200);
  });

  it('is refused at the start when two of its modules declare one name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-widget-'));
    const write = (name: string, text: string) => writeFileSync(join(folder, `${name}.js`), text);
    write('other', 'export const twice = 1;\n');
    write('widget', "import { twice } from './other.js';\nfunction once() {}\nonce(twice);\n");
    assert.match(bundleWidget(folder, {}), /const twice = 1;[\s\S]*once\(twice\)/);
    write('widget', "import { twice } from './other.js';\nfunction twice() {}\n");
    assert.throws(() => bundleWidget(folder, {}), /Two modules of the widget declare twice/);
    write('widget', 'const half = ;\n');
    assert.throws(() => bundleWidget(folder, {}), SyntaxError);
    rmSync(folder, { recursive: true });
  });
});
