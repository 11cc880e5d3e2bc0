import assert from 'node:assert/strict';
import { partnerTasks } from '../../server/isolation/tasks/partner-tasks.ts';
import { startTasks } from '../../server/isolation/tasks/task-runner.ts';
import type { Browser } from '../support/browser.ts';
import { staffLogin, startPortals, type TestPortals } from '../support/http.ts';
import { amber, basil, staff } from '../support/two-markets.ts';

describe('why somebody can or can’t see a row', () => {
  let portals: TestPortals;
  let support: Browser;
  let stopTasks: () => Promise<void>;
  before(async () => {
    portals = await startPortals();
    support = await portals.signIn(staffLogin('support'));
    const { deps } = portals.partner;
    const handlers = partnerTasks(deps);
    stopTasks = startTasks({ gate: deps.tasks, handlers, logger: { warn() {} }, interval: 20 });
  });
  after(async () => {
    await stopTasks?.();
    await portals?.close();
  });

  const owner = { kind: 'partner', marketId: amber.marketId, actorId: amber.owner };
  const own = { ...owner, table: 'offer', row: amber.offer };
  const ask = (given: Record<string, string>) => support.get(`/why?${new URLSearchParams(given)}`);

  it('is a form for support, empty at first', async () => {
    const { status, text } = await support.get('/why');
    assert.equal(status, 200);
    assert.match(text, /<select[^>]*name="table"/);
  });

  it('says that nothing refuses a market its own row, and shows nothing of the row', async () => {
    const [offer] = await portals.sql<{ title_en: string }>('select title_en from offer where id = $1', [
      amber.offer,
    ]);
    const { status, text } = await ask(own);
    assert.equal(status, 200);
    assert.match(text, /No layer refuses it/);
    assert.ok(!text.includes(offer!.title_en));
  });

  it('names the policy and its condition for a row of another market', async () => {
    const { text } = await ask({ ...own, row: basil.offer });
    assert.match(text, /A row-level security policy decides/);
    assert.match(text, /partner_select/);
    assert.match(text, /app\.market_id\(\)/);
    assert.match(text, /Does not hold/);
  });

  it('names the grant where there is none', async () => {
    assert.match(
      (await ask({ ...own, verb: 'delete', table: 'market', row: amber.marketId })).text,
      /no right/,
    );
  });

  it('names the application’s filter when a policy has fallen', async () => {
    await portals.sql('alter policy partner_select on offer using (true)');
    const { text } = await ask({ ...own, row: basil.offer });
    await portals.sql('alter policy partner_select on offer using ((market_id = (select app.market_id())))');
    assert.match(text, /application&#39;s own filter/);
  });

  it('answers for visitors, tills and staff, too', async () => {
    const market = { marketId: amber.marketId, table: 'offer' };
    const hidden = await ask({ ...market, kind: 'visitor', row: amber.offer });
    assert.match(hidden.text, /policy decides/);
    const foreign = await ask({ ...market, kind: 'visitor', row: basil.liveOffer });
    assert.match(foreign.text, /policy decides/);
    const live = await ask({ ...market, kind: 'visitor', row: amber.liveOffer });
    assert.match(live.text, /No layer refuses it/);
    const till = await ask({ ...market, kind: 'device', actorId: amber.device, row: basil.liveOffer });
    assert.match(till.text, /working till/);
    const colleague = await ask({ kind: 'staff', actorId: staff.operator, table: 'offer', row: basil.offer });
    assert.match(colleague.text, /No layer refuses it/);
  });

  it('names the field that is nobody’s', async () => {
    for (const [given, said] of [
      [{ ...own, row: '00000000-0000-7000-8000-000000000000' }, /No such row/],
      [{ ...own, row: 'nonsense' }, /No such row/],
      [{ ...own, actorId: basil.owner }, /nobody with this id/],
      [{ ...own, actorId: '' }, /aria-invalid/],
      [{ ...own, table: 'pg_authid' }, /aria-invalid/],
    ] as const) {
      const { status, text } = await ask(given);
      assert.equal(status, 422);
      assert.match(text, said);
    }
  });

  it('writes every question into the trail, and keeps no row that it asked about', async () => {
    const entries = await portals.sql(`select from platform_audit_entry where action = 'support.why'`);
    assert.ok(entries.length >= 8);
    const inputs = await portals.sql<{ input: { row: object } }>(
      `select input from isolation_task where kind = 'why' and input->>'table' = 'offer'`,
    );
    assert.ok(inputs.length > 0 && inputs.every(({ input }) => !('title_en' in input.row)));
  });

  it('has a JSON twin', async () => {
    const token = await portals.token(staffLogin('support'));
    const query = { ...own, row: basil.offer };
    const { status, body } = await portals.admin.browser().api('get', '/why', { token, query });
    assert.equal(status, 200);
    assert.equal(body.decision, 'refused');
    assert.equal(body.layer, 'policy');
    assert.ok(body.parts.some((part: { value: unknown }) => part.value === false));
  });
});
