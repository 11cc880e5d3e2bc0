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
      [{ ...own, actorId: basil.owner }, /Nobody of this kind has this id/],
      [{ ...own, actorId: '' }, /Enter the id of whom/],
      [{ ...own, marketId: '' }, /belongs to a market/],
      [{ ...own, row: '' }, /aria-invalid/],
      [{ ...own, table: 'pg_authid' }, /aria-invalid/],
    ] as const) {
      const { status, text } = await ask(given);
      assert.equal(status, 422);
      assert.match(text, said);
    }
  });

  it('says whose role is too low, and that a higher one would do', async () => {
    const analyst = { ...own, actorId: amber.analyst };
    assert.match((await ask({ ...analyst, verb: 'update' })).text, /The actor&#39;s role decides/);
    assert.match((await ask({ ...analyst, verb: 'insert', row: '' })).text, /The actor&#39;s role decides/);
  });

  describe('a new row', () => {
    const fresh = { ...owner, verb: 'insert', table: 'offer', row: '' };

    it('is allowed, is like another one, or is of a market that is not theirs; and never stays', async () => {
      const count = () => portals.sql('select count(*)::int from offer');
      const before = await count();
      const { status, text } = await ask(fresh);
      assert.equal(status, 200);
      assert.match(text, /No layer refuses it|example row then ended/);
      assert.match(text, /Not evaluated/);
      assert.match((await ask({ ...fresh, row: amber.offer })).text, /Allowed/);
      assert.match((await ask({ ...fresh, row: basil.offer })).text, /A row-level security policy decides/);
      assert.match((await ask({ ...fresh, kind: 'visitor', actorId: '' })).text, /no right/);
      assert.deepEqual(await count(), before);
    });

    it('is refused by the plan’s limit, once it is reached', async () => {
      await portals.sql(
        `insert into limit_override (market_id, id, name, cap, reason, created_by)
         values ($1, gen_random_uuid(), 'branches', 0, 'test', $2)`,
        [amber.marketId, staff.operator],
      );
      const { text } = await ask({ ...fresh, table: 'branch' });
      assert.match(text, /plan&#39;s limit is reached/);
      assert.match(text, /BH010/);
    });
  });

  it('could not be decided where time, a lock or another transaction ended the attempt', async () => {
    for (const code of ['57014', '55P03', '40001', '40P01']) {
      await portals.sql(`create or replace function app.stop() returns trigger language plpgsql as
        $$ begin raise exception using errcode = '${code}'; end $$`);
      await portals.sql('create or replace trigger stop before update on offer execute function app.stop()');
      const { text } = await ask({ ...own, verb: 'update' });
      assert.match(text, /Could not be decided/);
      assert.match(text, new RegExp(code));
      const foreign = await ask({ ...own, verb: 'update', row: basil.offer });
      assert.match(foreign.text, /A row-level security policy decides/);
    }
    await portals.sql('drop trigger stop on offer; drop function app.stop()');
  });

  it('answers for support sessions, which only read while they are open, and for people without a market', async () => {
    const session = { ...own, kind: 'support', actorId: amber.supportSession };
    assert.match((await ask(session)).text, /No layer refuses it/);
    assert.match((await ask({ ...session, row: basil.offer })).text, /policy decides/);
    for (const given of [
      { ...session, verb: 'update' },
      { ...session, actorId: amber.endedSupportSession },
    ])
      assert.match((await ask(given)).text, /The support session decides/);
    const person = { kind: 'person', actorId: amber.person, table: 'offer', row: amber.offer };
    assert.match((await ask(person)).text, /policy decides/);
  });

  describe('from a receipt', () => {
    const receipt = '01900000-0000-7000-8000-00000000aaaa';
    const stranger = '01900000-0000-7000-8000-00000000aaab';
    const looked = '01900000-0000-7000-8000-00000000aaac';
    before(async () => {
      const insert = `insert into receipt (market_id, id, at, surface, actor_kind, actor_id, actor_name, db_role, method,
          route, status, duration_us, models, support_session_id, row_ids)
        values ($1, $2, now(), 'partner', $3, $4, 'Noor', 'bulkhead_partner', 'GET', '/offers/:id', 404, 900, '{Branch,Offer}', $5, $6)`;
      const { marketId, supportSession } = amber;
      await portals.sql(insert, [marketId, receipt, 'partner', amber.owner, null, null]);
      await portals.sql(insert, [marketId, stranger, 'nobody', null, null, null]);
      const ids = { Offer: [amber.offer] };
      await portals.sql(insert, [marketId, looked, 'support', supportSession, supportSession, ids]);
    });

    it('names the actor, the market, the surface and what was touched, and asks for the row alone', async () => {
      const { status, text } = await ask({ receipt: ` ${receipt.toUpperCase()}` });
      assert.equal(status, 200);
      for (const said of [amber.owner, amber.marketId, 'Noor', 'GET /offers/:id', 'branch, offer'])
        assert.ok(text.includes(said), said);
      assert.doesNotMatch(text, /name="(kind|marketId|actorId)"/);
      assert.match(text, /value="offer" selected/);
      assert.match(text, /name="row"/);
    });

    it('answers about whoever made the request, once the row is there', async () => {
      const { text } = await ask({ receipt, table: 'offer', row: basil.offer, verb: 'select' });
      assert.match(text, /A row-level security policy decides/);
      const [entry] = await portals.sql<{ details: { receipt: string } }>(
        `select details from platform_audit_entry where action = 'support.why' order by at desc limit 1`,
      );
      assert.equal(entry!.details.receipt, receipt);
    });

    it('offers the rows of a support session by their ids', async () => {
      const { text } = await ask({ receipt: looked });
      assert.match(text, new RegExp(`receipt=${looked}&amp;table=offer&amp;row=${amber.offer}`));
    });

    it('says what is wrong with it', async () => {
      const gone = '01900000-0000-7000-8000-00000000ffff';
      for (const [given, said] of [
        [{ receipt: '' }, /href="#f-receipt"/],
        [{ receipt: 'nonsense' }, /A receipt is 36 characters long/],
        [{ receipt: gone }, /There is no receipt with this id/],
        [{ receipt: stranger }, /Nobody had signed in/],
        [{ receipt, table: 'offer', row: '' }, /href="#f-row"/],
        [{ receipt, table: 'offer', row: gone }, /No such row/],
      ] as [Record<string, string>, RegExp][]) {
        const { status, text } = await ask(given);
        assert.equal(status, 422);
        assert.match(text, said);
      }
    });

    it('has the JSON twin, too', async () => {
      const token = await portals.token(staffLogin('support'));
      const api = (query: Record<string, string>) =>
        portals.admin.browser().api('get', '/why', { token, query });
      const { status, body } = await api({ receipt, table: 'offer', row: amber.offer });
      assert.deepEqual([status, body.decision, body.layer], [200, 'allowed', 'none']);
      for (const [query, field] of [
        [{ receipt: 'nonsense', table: 'offer', row: amber.offer }, 'receipt'],
        [{ receipt: stranger, table: 'offer', row: amber.offer }, 'receipt'],
        [{ receipt, table: 'offer' }, 'row'],
        [{ receipt, kind: 'partner', table: 'offer', row: amber.offer }, 'kind'],
        [{ table: 'offer', row: amber.offer }, 'kind'],
      ] as [Record<string, string>, string][]) {
        const refused = await api(query);
        assert.equal(refused.status, 422);
        assert.ok(JSON.stringify(refused.body).includes(`"${field}"`), field);
      }
    });
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
