import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Router } from 'express';
import { traced } from '../../server/market/scope.ts';
import { partner } from '../../server/portals/partner.ts';
import type { Portal } from '../../server/portals/portal.ts';
import { createReceiptGate, type ReceiptGate } from '../../server/receipts/receipt-gate.ts';
import type { ReceiptRow } from '../../server/receipts/receipt-log.ts';
import { createReceiptLog } from '../../server/receipts/receipt-log.ts';
import { type Browser, partnerLogin, staffLogin, startPortals, type TestPortals } from '../support/http.ts';
import { asker } from '../support/public.ts';
import { pairedTill } from '../support/till.ts';
import { amber, basil, partnerScope } from '../support/two-markets.ts';

const SESSION = '00000000-0000-7000-8000-0000000005e5';
let inSupport = false;

/** Routes that only a test may have: SQL by hand, a foreign market, and a scope that says it is a support session's. */
const extended: Portal = {
  ...partner,
  auth: (database) => {
    const auth = partner.auth(database);
    return (req, res, next) =>
      void auth(req, res, (error?: unknown) => {
        if (inSupport && req.scope) {
          const actor = { kind: 'support', id: SESSION, role: 'analyst', name: 'Support' } as const;
          req.scope = traced({ ...req.scope, actor, support: { sessionId: SESSION } }, req.trace);
          req.db = database.scoped(req.scope);
        }
        next(error);
      });
  },
  routes: [
    () =>
      Router()
        .get('/by-hand', async (req, res) => {
          res.json(await req.db.$queryRaw`select id from branch`);
        })
        .get('/foreign', async (req, res) => {
          res.json(await req.db.branch.findMany({ where: { marketId: basil.marketId } }));
        })
        .get('/along', async (req, res) => {
          const include = { branches: { include: { branch: true } } } as const;
          res.json(await req.db.offer.findMany({ where: { id: amber.offer }, include }));
        })
        .get('/written-by-hand', async (req, res) => {
          await req.db.$executeRaw`update branch set phone = phone where id = ${amber.branch}::uuid`;
          await req.db
            .$queryRaw`update branch set phone = phone where id = ${amber.branch}::uuid returning id`;
          await req.db
            .$queryRaw`with moved as (update branch set phone = phone returning id) select 1 as one`;
          res.end();
        })
        .get('/refused', async (req, res) => {
          await req.db.$executeRaw`delete from market`;
          res.end();
        }),
    ...partner.routes,
  ],
};

interface Row {
  readonly market_id: string;
  readonly surface: string;
  readonly actor_kind: string;
  readonly actor_id: string | null;
  readonly db_role: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly duration_us: number;
  readonly support_session_id: string | null;
  readonly operations: Record<
    string,
    { ops: Record<string, number>; injected: number; read: number; written: number; uncounted?: number }
  >;
  readonly models: string[];
  readonly is_raw: boolean;
  readonly is_denied: boolean;
  readonly denials: { model: string; code: string }[];
  readonly row_ids: Record<string, string[]> | null;
}

describe('receipts', () => {
  let portals: TestPortals;
  let owner: Browser;
  let staff: Browser;

  const find = async (id: unknown, table = 'receipt'): Promise<Row> => {
    for (let i = 0; i < 100; i++) {
      await Promise.all([portals.partner.deps.receipts!.flush(), portals.admin.deps.receipts!.flush()]);
      const [row] = await portals.sql<Row>(`select * from ${table} where id = $1`, [id]);
      if (row) return row;
      await pause(20);
    }
    throw new Error(`No ${table} ${id}`);
  };
  const idOf = ({ headers }: { headers: Record<string, unknown> }) => headers['x-request-id'];

  before(async () => {
    portals = await startPortals({ portals: { partner: extended }, env: { RECEIPTS: 'on' } });
    owner = await portals.signIn(partnerLogin('amber', 'owner'));
    staff = await portals.signIn(staffLogin('support'));
  });
  after(() => portals?.close());

  it('of a page: who, as which role, which models, how many rows, and the pattern of its route', async () => {
    const answer = await owner.get('/branches?q=sesame-secret');
    assert.equal(answer.status, 200);
    const row = await find(idOf(answer));
    assert.equal(row.market_id, amber.marketId);
    assert.deepEqual([row.surface, row.actor_kind, row.db_role], ['partner', 'partner', 'bulkhead_partner']);
    assert.deepEqual([row.method, row.route, row.status], ['GET', '/branches', 200]);
    assert.ok(row.duration_us > 0);
    assert.ok(row.operations.Branch!.injected > 0);
    assert.equal(row.operations.Branch!.written, 0);
    assert.deepEqual([row.is_raw, row.is_denied, row.row_ids], [false, false, null]);
    assert.ok(!JSON.stringify(row).includes('sesame'));
  });

  it('of the API: a row that is read is counted', async () => {
    const token = await portals.token(partnerLogin('amber', 'owner'));
    const answer = await portals.partner.browser().api('get', `/branches/${amber.branch}`, { token });
    assert.equal(answer.status, 200, answer.text);
    const row = await find(idOf(answer));
    assert.equal(row.route, '/api/v1/branches/:id');
    assert.ok(row.operations.Branch!.read >= 1);
    assert.ok(!JSON.stringify(row).includes(amber.branch), 'ids are kept in support sessions alone');
  });

  it('of a write: the rows and the entry of the trail', async () => {
    await owner.get('/branches');
    const answer = await owner.submit(`/branches/${amber.secondBranch}/closing`);
    const row = await find(idOf(answer));
    assert.equal(row.method, 'POST');
    assert.equal(answer.status, 303);
    assert.ok(row.operations.Branch!.written >= 1);
    assert.equal(row.operations.AuditEntry?.written, 1);
  });

  it('of shops, hosted pages and tills, under their own roles', async () => {
    const shop = await asker(portals.partner)('get', '/offers', amber.key);
    const [open, page] = [
      await find(idOf(shop)),
      await find(idOf(await portals.partner.browser().get('/m/amber-main'))).catch(() => null),
    ];
    assert.deepEqual([open.surface, open.db_role, open.actor_kind], ['public', 'bulkhead_public', 'key']);
    assert.equal(open.route, '/public/v1/offers');
    assert.ok(open.operations.sql!.read > 0);
    if (page) assert.equal(page.actor_kind, 'visitor');
    const till = await pairedTill(portals, amber);
    await till.get('/device');
    await portals.partner.deps.receipts!.flush();
    const [device] = await portals.sql<Row>(
      `select * from receipt where surface = 'device' and actor_id = $1 order by at desc limit 1`,
      [till.deviceId],
    );
    assert.equal(device?.db_role, 'bulkhead_device');
    assert.equal(device?.route, '/sync/v1/device');
    assert.equal(device?.market_id, amber.marketId);
  });

  it('of staff, and of whoever is nobody, lie with the platform', async () => {
    const row = await find(idOf(await staff.get('/markets')), 'platform_receipt');
    assert.deepEqual([row.surface, row.actor_kind, row.db_role], ['admin', 'staff', 'bulkhead_admin']);
    assert.ok(row.operations.Market!.read >= 2);
    assert.equal(row.operations.Market!.injected, 0);
    const nobody = await find(
      idOf(await portals.partner.browser().api('get', '/offers', {})),
      'platform_receipt',
    );
    assert.deepEqual([nobody.actor_kind, nobody.status, nobody.is_denied], ['nobody', 401, true]);
    assert.deepEqual(nobody.denials, [{ model: 'request', code: 'unauthorized' }]);
  });

  it('say what was refused, and by which layer', async () => {
    const unknown = await find(idOf(await owner.get(`/branches/${basil.branch}`)));
    assert.deepEqual([unknown.status, unknown.is_denied], [404, true]);
    assert.deepEqual(unknown.denials, [{ model: 'request', code: 'not-found' }]);
    assert.equal(unknown.route, '/branches/:id');
    const foreign = await owner.get('/foreign');
    const scoped = await find(idOf(foreign));
    assert.deepEqual(
      scoped.operations.Branch ? [foreign.status, scoped.operations.Branch.read] : [foreign.status],
      scoped.operations.Branch ? [200, 0] : [404],
    );
    const refused = await find(idOf(await owner.get('/refused')));
    assert.deepEqual([refused.status, refused.is_denied], [403, true]);
    assert.ok(refused.denials.some(({ model, code }) => model === 'sql' && code === '42501'));
    const none = await find(idOf(await owner.get('/no-such-page')));
    assert.equal(none.is_denied, false);
  });

  it('say that SQL was written by hand', async () => {
    const row = await find(idOf(await owner.get('/by-hand')));
    assert.equal(row.is_raw, true);
    assert.equal(row.operations.sql!.ops.raw, 1);
    assert.ok(row.operations.sql!.read >= 2);
  });

  it('count rows of relations that came along, each under its own model', async () => {
    const answer = await owner.get('/along');
    const [offer] = JSON.parse(answer.text) as { branches: unknown[] }[];
    assert.ok(offer!.branches.length > 0);
    const { operations, models } = await find(idOf(answer));
    for (const model of ['OfferBranch', 'Branch']) {
      assert.deepEqual(operations[model], { ops: {}, injected: 0, read: offer!.branches.length, written: 0 });
      assert.ok(models.includes(model));
    }
  });

  it('count rows that SQL by hand wrote, and say where it does not tell', async () => {
    const { operations } = await find(idOf(await owner.get('/written-by-hand')));
    assert.deepEqual(operations.sql, { ops: { raw: 3 }, injected: 0, read: 1, written: 2, uncounted: 1 });
  });

  it('of a support session are there before the answer ends, with the ids of what was read', async () => {
    await portals.sql(
      `insert into support_session (market_id, id, staff_user_id, staff_role, reason, ticket, minutes, consent, opened_at, expires_at)
       select $1, $2, id, 'support', 'Receipts', 'T-1', 5, 'not-needed', now(), now() + interval '5 minutes' from staff_user limit 1`,
      [amber.marketId, SESSION],
    );
    inSupport = true;
    try {
      const answer = await owner.get(`/branches/${amber.branch}`);
      const [row] = await portals.sql<Row>('select * from receipt where id = $1', [idOf(answer)]);
      assert.equal(row?.support_session_id, SESSION);
      assert.ok(row?.row_ids?.Branch?.includes(amber.branch));
    } finally {
      inSupport = false;
    }
  });

  it('are a market’s own to read, and only those of support sessions', async () => {
    const { database } = portals.partner.deps;
    const mine = await database.scoped(partnerScope(amber)).receipt.findMany({});
    assert.ok(mine.length > 0);
    assert.ok(
      mine.every(({ marketId, supportSessionId }) => marketId === amber.marketId && supportSessionId),
    );
    const theirs = database.scoped(partnerScope(basil)).receipt;
    assert.equal((await theirs.findMany({})).filter(({ marketId }) => marketId !== basil.marketId).length, 0);
    const raw = await database.scoped(partnerScope(basil))
      .$queryRaw`select id from receipt where market_id = ${amber.marketId}::uuid`;
    assert.deepEqual(raw, []);
    await assert.rejects(database.scoped(partnerScope(amber)).$executeRaw`delete from receipt`, {
      status: 403,
    });
    const { gate } = portals.partner.deps;
    await assert.rejects(gate.query('select route from receipt'), { code: '42501' });
    await assert.rejects(gate.query(`update receipt set route = 'x'`), { code: '42501' });
  });

  it('are found by support: id, market, actor, model, refused, by hand, surface, session', async () => {
    const answer = await owner.get('/by-hand');
    const id = String(idOf(answer));
    const row = await find(id);
    const page = await staff.get(`/receipts/${id}`);
    assert.equal(page.status, 200);
    assert.match(page.text, /\/by-hand/);
    for (const query of [
      `receipt=${id}`,
      `receipt=${id}&market=${amber.marketId}&actor=${row.actor_id}&model=sql&raw=yes&surface=partner`,
    ]) {
      assert.match((await staff.get(`/receipts?${query}`)).text, new RegExp(id), query);
    }
    for (const query of [
      `receipt=${id}&market=${basil.marketId}`,
      `receipt=${id}&denied=yes`,
      `receipt=${id}&support=${SESSION}`,
    ])
      assert.doesNotMatch((await staff.get(`/receipts?${query}`)).text, new RegExp(`/receipts/${id}`), query);
    const [refused, along] = [idOf(await owner.get('/refused')), idOf(await owner.get('/along'))].map(String);
    await Promise.all([find(refused), find(along)]);
    const token = await portals.token(staffLogin('support'));
    for (const [query, found] of [
      ...[`receipt=${id}`, `market=${amber.marketId}`, `actor=${row.actor_id}`].map((each) => [each, id]),
      ...['model=sql', 'raw=yes', 'surface=partner'].map((each) => [each, id]),
      ...[
        ['denied=yes', refused],
        ['model=OfferBranch', along],
      ],
    ] as [string, string][]) {
      assert.ok(
        (await staff.get(`/receipts?${query}`)).text.includes(`/receipts/${found}`),
        `page: ${query}`,
      );
      const { rows } = (await portals.admin.browser().api('get', `/receipts?${query}`, { token })).body;
      assert.ok(
        rows.some((each: { id: string }) => each.id === found),
        `API: ${query}`,
      );
    }
    const api = (path: string) => portals.admin.browser().api('get', path, { token });
    assert.equal((await api(`/receipts?support=${SESSION}`)).body.rows.length, 1);
    assert.equal((await api(`/receipts/${id}`)).body.dbRole, 'bulkhead_partner');
    assert.equal((await api('/receipts?receipt=x')).status, 422);
    assert.equal((await api(`/receipts/${amber.branch}`)).status, 404);
    assert.equal((await api('/receipts/platform?denied=yes')).status, 200);
    assert.equal((await staff.get('/receipts/platform')).status, 200);
    assert.equal((await owner.get('/receipts')).status, 404);
  });

  it('are swept when they are older than the setting says', async () => {
    await portals.sql(`update receipt set at = now() - interval '31 days' where route = '/by-hand'`);
    await portals.partner.deps.receipts!.flush();
    await createReceiptGate(portals.partner.deps.gate, 'partner').forget(30);
    assert.deepEqual(await portals.sql(`select 1 from receipt where route = '/by-hand'`), []);
    const [left] = await portals.sql<{ count: string }>('select count(*) from receipt where market_id = $1', [
      amber.marketId,
    ]);
    assert.ok(Number(left!.count) > 0);
  });

  it('that could not be kept are counted, and shown', async () => {
    const { gate } = portals.partner.deps;
    const lost = async () => {
      const [row] = await portals.sql<{ lost: string }>('select sum(lost) as lost from receipt_loss');
      return Number(row!.lost);
    };
    const earlier = await lost();
    await createReceiptGate(gate, 'partner').insertLoss({
      id: SESSION,
      at: new Date(),
      surface: 'partner',
      lost: 3,
    });
    assert.equal(await lost(), earlier + 3);
    const page = await staff.get('/receipts');
    assert.ok(page.text.includes(`${earlier + 3} receipts could not be kept`));
    await portals.sql(`update receipt_loss set at = now() - interval '31 days' where lost = 3`);
    await createReceiptGate(gate, 'partner').forget(30);
    assert.equal(await lost(), earlier);
  });
});

describe('the log of receipts', () => {
  const row = (id: string): ReceiptRow => ({ market_id: null, id });
  const setUp = (room: number) => {
    const kept: string[] = [];
    const losses: unknown[] = [];
    const state = { error: null as Error | null, poison: '' };
    const gate: ReceiptGate = {
      insert: async (_withMarket, rows) => {
        const ids = rows.map((each) => (each as ReceiptRow).id);
        if (state.error) throw state.error;
        if (ids.includes(state.poison)) throw Object.assign(new Error('bad'), { code: '23503' });
        kept.push(...ids);
      },
      insertLoss: async (loss) => {
        if (state.error) throw state.error;
        losses.push((loss as { lost: number }).lost);
      },
      forget: async () => {},
    };
    const log = createReceiptLog({ ...{ gate, surface: 'partner', days: 30, room }, onError: () => {} });
    return { kept, losses, state, log };
  };

  it('keeps what fits while the database is away, counts the rest, and writes both when it is back', async () => {
    const { kept, losses, state, log } = setUp(5);
    state.error = new Error('away');
    for (let i = 0; i < 8; i++) log.add(row(String(i)));
    await log.flush();
    assert.deepEqual([kept, losses, log.lost], [[], [], 3]);
    state.error = null;
    await log.flush();
    assert.deepEqual(kept, ['0', '1', '2', '3', '4']);
    assert.deepEqual(losses, [3]);
  });

  it('loses one row that the database refuses, not its batch', async () => {
    const { kept, losses, state, log } = setUp(100);
    state.poison = 'b';
    for (const id of ['a', 'b', 'c']) log.add(row(id));
    await log.flush();
    assert.deepEqual(kept, ['a', 'c']);
    assert.deepEqual(losses, [1]);
  });
});
