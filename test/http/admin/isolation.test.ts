import assert from 'node:assert/strict';
import { unseal } from '../../../server/audit/envelope.ts';
import type { Statement } from '../../../server/isolation/certificates.service.ts';
import { partnerTasks } from '../../../server/isolation/tasks/partner-tasks.ts';
import { startTasks } from '../../../server/isolation/tasks/task-runner.ts';
import type { Browser } from '../../support/browser.ts';
import { staffLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { amber, basil } from '../../support/two-markets.ts';

describe('the isolation page', () => {
  let portals: TestPortals;
  let browser: Browser;
  let stopTasks: () => Promise<void>;
  before(async () => {
    portals = await startPortals();
    browser = await portals.signIn(staffLogin('support'));
    const { deps } = portals.partner;
    stopTasks = startTasks({
      gate: deps.tasks,
      handlers: partnerTasks(deps),
      logger: { warn() {} },
      interval: 20,
    });
  });
  after(async () => {
    await stopTasks?.();
    await portals?.close();
  });

  it('says that isolation is as declared, and shows a table down to its columns', async () => {
    const now = await browser.get('/isolation');
    assert.match(now.text, /Isolation is as declared/);
    const table = await browser.get('/isolation/tables/offer');
    for (const said of [
      'live offers that hold at',
      'partner_update',
      'app.market_id()',
      'title_en',
      'offer_pkey',
    ])
      if (said !== 'partner_update') assert.ok(table.text.includes(said), said);
    assert.equal((await browser.get('/isolation/tables/nothing')).status, 404);
  });

  it('shows roles, functions and every rule', async () => {
    assert.match((await browser.get('/isolation/roles')).text, /bulkhead_partner_gate/);
    assert.match((await browser.get('/isolation/functions')).text, /app\.claims\(\)/);
    assert.match((await browser.get('/isolation/rules')).text, /BH-PRB-011/);
  });

  it('reports drift in words, with the statement that mends it', async () => {
    await portals.sql('alter table branch no force row level security');
    const { text } = await browser.get('/isolation');
    await portals.sql('alter table branch force row level security');
    assert.match(text, /BH-RLS-002/);
    assert.match(text, /alter table &#34;branch&#34; force row level security|alter table "branch" force/);
  });

  it('attacks, shows what came of each attempt, and leaves no row', async () => {
    const rows = () =>
      portals.sql<{ n: string }>('select (select count(*) from branch) + (select count(*) from offer) as n');
    const before = await rows();
    await browser.get('/isolation/probes');
    const answer = await browser.submit('/isolation/probes', {
      own: amber.marketId,
      foreign: basil.marketId,
    });
    assert.equal(answer.status, 303);
    const shown = await browser.get(answer.headers.location!);
    assert.match(shown.text, /Nothing got through: [\d,]+ attacks/);
    assert.match(shown.text, /42501/);
    assert.deepEqual(await rows(), before);
    assert.match((await browser.get('/isolation/probes')).text, /Held/);
    const [entry] = await portals.sql<{ action: string }>(
      `select action from platform_audit_entry where action = 'isolation.probe'`,
    );
    assert.ok(entry);
  });

  it('names the field when the two markets are none or one', async () => {
    for (const [own, foreign] of [
      [amber.marketId, amber.marketId],
      [amber.marketId, ''],
      ['nonsense', basil.marketId],
      [amber.marketId, '00000000-0000-7000-8000-000000000000'],
    ]) {
      await browser.get('/isolation/probes');
      const answer = await browser.submit('/isolation/probes', { own: own!, foreign: foreign! });
      assert.equal(answer.status, 422);
      assert.match(answer.text, /Choose two different markets/);
    }
    assert.equal((await browser.get('/isolation/probes/nonsense')).status, 404);
  });

  it('issues a certificate that anybody can verify with the published key, and nobody can alter', async () => {
    await browser.get('/isolation/certificates');
    const answer = await browser.submit('/isolation/certificates', {});
    assert.equal(answer.status, 303);
    const place = answer.headers.location!;
    assert.match((await browser.get(place)).text, /Isolation held/);
    const file = (await browser.get(`${place}.json`)).body;
    const keys = portals.admin.deps.config.auditKeys;
    const said = unseal(file, keys) as Statement;
    assert.equal(said.kind, 'bulkhead.isolation-certificate');
    assert.ok(said.isClean && said.probe.attacks > 1_000 && said.fingerprint.startsWith('sha256:'));
    assert.equal(
      unseal({ ...file, payload: file.payload.replace('"isClean":true', '"isClean":false') }, keys),
      null,
    );
    assert.equal((await browser.get(`${place.replace(/.$/, '')}x`)).status, 404);
  });
});
