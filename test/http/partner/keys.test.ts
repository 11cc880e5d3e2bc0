import assert from 'node:assert/strict';
import { keyId, keyText } from '../../../server/public/publishable-key.ts';
import {
  type Browser,
  partnerLogin,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../../support/http.ts';
import { asker } from '../../support/public.ts';
import { amber, basil } from '../../support/two-markets.ts';

describe('Partner: publishable keys', () => {
  let portals: TestPortals;
  let manager: Browser;
  let ask: ReturnType<typeof asker>;

  before(async () => {
    portals = await startPortals();
    manager = await portals.signIn(partnerLogin('amber', 'manager'));
    ask = asker(portals.partner);
  });
  after(() => portals.close());

  const add = async (fields: Record<string, string> = {}): Promise<string> => {
    await manager.get('/keys/new');
    const answer = await manager.submit('/keys', { name: 'Website', origins: '', ...fields });
    assert.equal(answer.status, 303, answer.text);
    return answer.headers.location!.split('/').at(-1)!;
  };
  const press = async (id: string, path: string, fields: Record<string, string> = {}) => {
    await manager.get(`/keys/${id}`);
    return manager.submit(`/keys/${id}/${path}`, fields);
  };
  const works = async (id: string) => (await ask('get', '/market', id)).status === 200;

  it('makes a key that works at once, with what to put into a page, and writes who did it', async () => {
    const id = await add({ origins: 'https://Shop.example/\nhttp://localhost:8080\nhttps://shop.example' });
    const [row] = await portals.sql(
      'select market_id, name, origins, created_by from publishable_key where id = $1',
      [id],
    );
    assert.deepEqual(row, {
      ...{ market_id: amber.marketId, name: 'Website', created_by: amber.manager },
      origins: ['https://shop.example', 'http://localhost:8080'],
    });
    const page = await manager.get(`/keys/${id}`);
    const src = `${portals.partner.deps.config.publicUrl}/widget.js`;
    assert.ok(
      page.text.includes(
        `&lt;script src=&#34;${src}&#34; data-key=&#34;${keyText(id)}&#34; async&gt;&lt;/script&gt;`,
      ),
      page.text,
    );
    assert.ok(await works(id));
    const [entry] = await portals.sql(
      'select actor_id, action, details from audit_entry where subject_id = $1',
      [id],
    );
    assert.deepEqual(entry, {
      ...{ actor_id: amber.manager, action: 'key.create' },
      details: { name: 'Website', origins: 'https://shop.example http://localhost:8080' },
    });
  });

  for (const [field, value] of [
    ['name', ''],
    ['name', 'n'.repeat(61)],
    ['origins', 'shop.example'],
    ['origins', 'https://shop.example/path'],
    ['origins', 'https://user@shop.example'],
    ['origins', 'javascript:alert(1)'],
    ['origins', '*'],
    ['origins', Array.from({ length: 21 }, (_, i) => `https://s${i}.example`).join('\n')],
  ] as const) {
    it(`refuses ${field} = "${value.slice(0, 30)}" at the field`, async () => {
      await manager.get('/keys/new');
      const answer = await manager.submit('/keys', { name: 'Website', origins: '', [field]: value });
      assert.equal(answer.status, 422);
      assert.match(answer.text, new RegExp(`id="f-${field}-error"`));
    });
  }

  it('renames a key and changes its sites, which counts at the next request', async () => {
    const id = await add();
    const from = (origin: string) => ask('get', '/market', id, { Origin: origin });
    assert.equal((await from('https://other.example')).status, 200);
    await manager.get(`/keys/${id}`);
    const answer = await manager.submit(`/keys/${id}`, { name: 'App', origins: 'https://shop.example' });
    assert.equal(answer.status, 303);
    assert.equal((await from('https://other.example')).status, 403);
    assert.equal((await from('https://shop.example')).status, 200);
    assert.match((await manager.get('/keys')).text, /App/);
  });

  it('replaces a key: the old one ends at once or later, and never later than it would have', async () => {
    for (const [ending, hours] of [
      ['now', 0],
      ['day', 24],
      ['week', 168],
    ] as const) {
      const id = await add({ origins: 'https://shop.example' });
      const answer = await press(id, 'rotation', { ending });
      assert.equal(answer.status, 303, answer.text);
      const successor = answer.headers.location!.split('/').at(-1)!;
      assert.notEqual(successor, id);
      assert.deepEqual([await works(id), await works(successor)], [hours > 0, true], ending);
      const [old] = await portals.sql<{ hours: number; origins: string[] }>(
        'select round(extract(epoch from coalesce(revoked_at, expires_at) - now()) / 3600)::int as hours from publishable_key where id = $1',
        [id],
      );
      assert.equal(old!.hours, hours);
      const [next] = await portals.sql('select name, origins from publishable_key where id = $1', [
        successor,
      ]);
      assert.deepEqual(next, { name: 'Website', origins: ['https://shop.example'] });
    }
    const id = await add();
    await press(id, 'rotation', { ending: 'day' });
    await press(id, 'rotation', { ending: 'week' });
    const [row] = await portals.sql<{ soon: boolean }>(
      "select expires_at < now() + interval '25 hours' as soon from publishable_key where id = $1",
      [id],
    );
    assert.ok(row!.soon);
  });

  it('revokes for good: not usable, not to be replaced, once in the audit trail', async () => {
    const id = await add();
    assert.ok(await works(id));
    assert.equal((await press(id, 'revocation')).status, 303);
    assert.equal((await ask('get', '/market', id)).body.code, 'key-revoked');
    assert.equal((await press(id, 'revocation')).status, 303);
    assert.equal((await press(id, 'rotation', { ending: 'day' })).status, 409);
    const actions = await portals.sql('select action from audit_entry where subject_id = $1 order by at', [
      id,
    ]);
    assert.deepEqual(
      actions.map(({ action }) => action),
      ['key.create', 'key.revoke'],
    );
  });

  it('tells when a key was used last, at most every five minutes', async () => {
    const id = await add();
    const used = async () => {
      const [row] = await portals.sql<{ at: Date | null }>(
        'select last_used_at as at from publishable_key where id = $1',
        [id],
      );
      return row!.at;
    };
    const later = async (than: Date | null): Promise<Date> => {
      for (;;) {
        const at = await used();
        if (at && (!than || at > than)) return at;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    assert.equal(await used(), null);
    await works(id);
    const first = await later(null);
    await works(id);
    await works(id);
    assert.deepEqual(await used(), first);
    await portals.sql(
      "update publishable_key set last_used_at = now() - interval '6 minutes' where id = $1",
      [id],
    );
    await works(id);
    await later(first);
  });

  it("leaves another market's keys alone, as if there were none", async () => {
    await manager.get('/keys');
    const before = await portals.sql('select * from publishable_key where market_id = $1 order by id', [
      basil.marketId,
    ]);
    const list = await manager.get('/keys');
    assert.doesNotMatch(list.text, /basil/);
    const missing = (await manager.get(`/keys/${amber.marketId}`)).status;
    assert.equal(missing, 404);
    assert.equal((await manager.get(`/keys/${basil.key}`)).status, 404);
    for (const [path, fields] of [
      ['', { name: 'Mine', origins: '' }],
      ['/rotation', { ending: 'now' }],
      ['/revocation', {}],
    ] as const) {
      await manager.get('/keys/new');
      assert.equal((await manager.submit(`/keys/${basil.key}${path}`, fields)).status, 404, path);
    }
    assert.deepEqual(
      await portals.sql('select * from publishable_key where market_id = $1 order by id', [basil.marketId]),
      before,
    );
  });

  it('is for owners and managers alone', async () => {
    const analyst = await portals.signIn(partnerLogin('amber', 'analyst'));
    const home = await analyst.get('/');
    assert.doesNotMatch(home.text, /href="\/keys"/);
    assert.match((await manager.get('/')).text, /href="\/keys"/);
    assert.equal((await analyst.get('/keys')).status, 403);
    assert.equal((await analyst.submit('/keys', { name: 'Mine', origins: '' })).status, 403);
    const token = await portals.token(partnerLogin('amber', 'analyst'));
    assert.equal((await analyst.api('get', '/keys', { token })).status, 403);
  });

  it('are shown to staff, market by market, who change nothing', async () => {
    const staff = await portals.signIn(staffLogin('support'));
    const page = await staff.get(`/markets/${amber.marketId}/keys`);
    assert.equal(page.status, 200);
    assert.match(page.text, /marker-amber/);
    assert.ok(page.text.includes(keyText(amber.key).slice(-6)));
    assert.ok(!page.text.includes(keyText(basil.key).slice(-6)));
    assert.equal((await staff.get(`/markets/${amber.key}/keys`)).status, 404);
    assert.equal((await staff.get(`/keys/${amber.key}`)).status, 404);
  });

  it('has the same as JSON', async () => {
    const token = await portals.token(partnerLogin('amber', 'owner'));
    const api = (method: 'get' | 'post' | 'put', path: string, body?: unknown) =>
      manager.api(method, path, { token, ...(body ? { body } : {}) });
    const made = await api('post', '/keys', { name: 'App', origins: ['https://app.example/'] });
    assert.equal(made.status, 201, made.text);
    assert.equal(keyId(made.body.key), made.body.id);
    assert.deepEqual(made.body.origins, ['https://app.example']);
    const { id } = made.body;
    assert.equal((await api('put', `/keys/${id}`, { name: 'App 2', origins: [] })).body.name, 'App 2');
    const next = await api('post', `/keys/${id}/rotation`, { ending: 'week' });
    assert.equal(next.status, 201);
    assert.equal((await api('get', `/keys/${id}`)).body.state, 'expiring');
    assert.equal((await api('post', `/keys/${next.body.id}/revocation`)).status, 204);
    assert.equal((await api('get', `/keys/${next.body.id}`)).body.state, 'revoked');
    const listed = await api('get', '/keys?sort=name');
    assert.ok(listed.body.rows.some((row: { id: string }) => row.id === id));
    const bad = await api('post', '/keys', { name: 'App', origins: ['app.example'] });
    assert.deepEqual([bad.status, bad.body.errors[0].field], [422, 'origins.0']);
  });
});
