import assert from 'node:assert/strict';
import {
  type Browser,
  partnerLogin,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../../support/http.ts';
import { linkIn, mailTo } from '../../support/mail.ts';
import { amber, basil } from '../../support/two-markets.ts';

describe('Admin: markets', () => {
  let portals: TestPortals;
  let operator: Browser;
  let plan: string;

  before(async () => {
    portals = await startPortals();
    operator = await portals.signIn(staffLogin('operator'));
    plan = (await portals.sql<{ id: string }>('select id from plan limit 1'))[0]!.id;
  });
  after(() => portals.close());

  const fields = (changes: Record<string, string> = {}) => ({
    ...{ nameEn: 'Corner Market', nameAr: 'سوق الزاوية', slug: 'corner', planId: plan, locale: 'ar' },
    ...{
      timeZone: 'Asia/Kuwait',
      currency: 'KWD',
      ownerName: 'Demo owner',
      ownerEmail: 'corner@example.test',
    },
    ...changes,
  });
  const stateOf = async (id: string) =>
    (await portals.sql<{ state: string }>('select state from market where id = $1', [id]))[0]!.state;

  it('makes a market whose owner gets in by the mailed link', async () => {
    await operator.get('/markets/new');
    const answer = await operator.submit('/markets', fields());
    assert.equal(answer.status, 303, answer.text);
    const link = linkIn(await mailTo(portals.mailboxDir, 'corner@example.test'));
    const owner = portals.partner.browser();
    await owner.get(link);
    assert.equal((await owner.submit(link, { password: 'a password of my own' })).status, 303);
    assert.match((await owner.get('/market')).text, /Corner Market/);
  });

  for (const [field, value] of [
    ['slug', 'corner'],
    ['slug', 'No Spaces'],
    ['currency', 'XXQ'],
    ['timeZone', 'Mars/Olympus'],
    ['planId', 'nosuchplan'],
    ['ownerEmail', 'nobody'],
    ['nameAr', ''],
  ] as const) {
    it(`refuses ${field} = "${value}" at the field, keeps the form and writes nothing`, async () => {
      const before = await portals.sql('select count(*) from team_member');
      const answer = await operator.submit(
        '/markets',
        fields({ slug: 'other', ownerName: 'Kept name', [field]: value }),
      );
      assert.equal(answer.status, 422);
      assert.match(answer.text, new RegExp(`id="f-${field}-error"`));
      assert.match(answer.text, /value="Kept name"/);
      assert.deepEqual(await portals.sql('select count(*) from team_member'), before);
    });
  }

  it('suspends at once, with a reason, and activates again', async () => {
    const partner = await portals.signIn(partnerLogin('amber', 'manager'));
    assert.equal(
      (await operator.submit(`/markets/${amber.marketId}/state`, { state: 'suspended' })).status,
      422,
    );
    const answer = await operator.submit(`/markets/${amber.marketId}/state`, {
      state: 'suspended',
      reason: 'Unpaid',
    });
    assert.equal(answer.status, 303);
    assert.equal((await partner.get('/branches')).status, 403);
    const sibling = await portals.signIn(partnerLogin('basil', 'manager'));
    assert.equal((await sibling.get('/branches')).status, 200);
    await operator.submit(`/markets/${amber.marketId}/state`, { state: 'active' });
    assert.equal((await partner.get('/branches')).status, 200);
    const entries = await portals.sql<{ action: string }>(
      `select action from audit_entry where market_id = $1 and action in ('market.suspend', 'market.activate') order by at`,
      [amber.marketId],
    );
    assert.deepEqual(
      entries.map(({ action }) => action),
      ['market.suspend', 'market.activate'],
    );
  });

  it('moves many at once and says how many went', async () => {
    const ids = [amber.marketId, basil.marketId];
    assert.equal((await operator.submit('/markets/states', { ids, state: 'suspended' })).status, 303);
    assert.equal(await stateOf(amber.marketId), 'active', 'no reason, no suspension');
    await operator.submit('/markets/states', { ids, state: 'suspended', reason: 'Maintenance' });
    assert.deepEqual(await Promise.all(ids.map(stateOf)), ['suspended', 'suspended']);
    await operator.submit('/markets/states', { ids, state: 'active' });
    assert.deepEqual(await Promise.all(ids.map(stateOf)), ['active', 'active']);
  });

  it('exports CSV with no cell that a spreadsheet would run', async () => {
    await portals.sql(`update market set name_en = '=HYPERLINK("x")' where slug = 'corner'`);
    const answer = await operator.get('/markets/export.csv?q=hyperlink');
    assert.match(answer.headers['content-type']!, /text\/csv/);
    const lines = answer.text.trim().split('\n');
    assert.equal(lines.length, 2);
    assert.match(lines[1]!, /"'=HYPERLINK/);
  });

  it('pages by cursor without losing or repeating a market, in every order', async () => {
    const all = await portals.sql<{ id: string }>('select id from market');
    const token = await portals.token(staffLogin('operator'));
    for (const sort of ['name', 'created', 'state', 'plan']) {
      const seen: string[] = [];
      for (let cursor = ''; ; ) {
        const query = { sort, limit: '1', ...(cursor ? { cursor } : {}) };
        const page = await operator.api('get', '/markets', { token, query });
        assert.equal(page.status, 200, page.text);
        seen.push(...page.body.rows.map(({ id }: { id: string }) => id));
        if (!page.body.next) break;
        cursor = page.body.next;
      }
      assert.deepEqual([...seen].sort(), all.map(({ id }) => id).sort(), sort);
    }
  });

  it('lets support look and nothing else', async () => {
    const support = await portals.signIn(staffLogin('support'));
    for (const path of [
      '/',
      '/markets',
      `/markets/${amber.marketId}`,
      '/staff',
      '/audit',
      '/audit/platform',
      '/checks',
    ]) {
      const page = await support.get(path);
      assert.equal(page.status, 200, path);
      assert.doesNotMatch(
        page.text,
        /<form[^>]*method="post"(?![^>]*action="\/(sign-out|locale|theme))/,
        path,
      );
    }
    assert.equal(
      (await support.submit(`/markets/${amber.marketId}/state`, { state: 'closed', reason: 'x' })).status,
      403,
    );
    assert.equal((await support.submit('/markets', fields({ slug: 'never' }))).status, 403);
    assert.equal(
      (await support.submit('/staff', { name: 'N', email: 'n@example.test', role: 'operator' })).status,
      403,
    );
  });

  it('keeps a last operator, and disables the others at once', async () => {
    await operator.get('/staff/new');
    await operator.submit('/staff', {
      name: 'Second',
      email: 'second@example.test',
      role: 'operator',
      locale: 'en',
    });
    const link = linkIn(await mailTo(portals.mailboxDir, 'second@example.test'));
    const second = portals.admin.browser();
    await second.get(link);
    assert.equal((await second.submit(link, { password: 'a password of my own' })).status, 303);
    const [row] = await portals.sql<{ id: string }>(
      `select id from staff_user where email = 'second@example.test'`,
    );
    assert.equal((await operator.submit(`/staff/${row!.id}/disabling`)).status, 303);
    assert.notEqual((await second.get('/markets')).status, 200);
    const others = await portals.sql<{ id: string }>(
      `select id from staff_user where role = 'operator' and state = 'active'`,
    );
    for (const { id } of others.slice(1))
      await portals.sql(`update staff_user set state = 'disabled' where id = $1`, [id]);
    assert.equal((await operator.submit(`/staff/${others[0]!.id}/disabling`)).status, 409);
  });

  it('asks the boot guard’s questions again and shows a wrong answer', async () => {
    assert.match((await operator.get('/checks')).text, /data-kind="ok"|notice-ok|As declared/);
    await portals.sql('alter table branch no force row level security');
    const page = await operator.get('/checks');
    assert.match(page.text, /table branch: row-level security is not forced/);
    await portals.sql('alter table branch force row level security');
  });
});
