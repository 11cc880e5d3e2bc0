import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { sql as statement } from '../../../server/db/direct.ts';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { signUp, type TestShopper } from '../../support/shoppers.ts';
import { storefront } from '../../support/storefront.ts';
import { amber, basil, partnerScope } from '../../support/two-markets.ts';

describe('redemptions and the list of claims', () => {
  let portals: TestPortals;
  let write: ReturnType<typeof storefront>;
  let till: Browser;
  let analyst: string;
  let manager: string;
  let foreign: string;
  let nadia: TestShopper;

  before(async () => {
    portals = await startPortals();
    write = storefront(portals);
    till = await portals.signIn(partnerLogin('amber', 'analyst'));
    [analyst, manager, foreign] = await Promise.all([
      portals.token(partnerLogin('amber', 'analyst')),
      portals.token(partnerLogin('amber', 'manager')),
      portals.token(partnerLogin('basil', 'owner')),
    ]);
    nadia = await signUp(portals, amber);
  });
  after(() => portals.close());

  async function claim(
    title: string,
    shopper = nadia,
  ): Promise<{ id: string; code: string; offerId: string }> {
    const offerId = await write.offer(amber, { title, branches: [amber.branch] });
    const { body, status } = await shopper.ask('post', '/claims', { offerId });
    assert.equal(status, 201);
    return body;
  }
  const redeem = (token: string, body: object) =>
    portals.partner.browser().api('post', '/redemptions', { token, body });

  describe('pages', () => {
    it('go from a typed code over what it is to "done", for everybody in the team, with forms alone', async () => {
      const { id, code } = await claim('Coffee, <b>1 kg</b>');
      const empty = await till.get('/redemptions');
      assert.match(empty.text, /name="code"/);
      const confirm = await till.get(
        `/redemptions?code=${code.slice(0, 4).toLowerCase()}%20-${code.slice(4)}`,
      );
      assert.equal(confirm.status, 200);
      assert.match(confirm.text, /Coffee, &lt;b&gt;1 kg/);
      assert.doesNotMatch(confirm.text, new RegExp(nadia.email));
      const forgot = await till.submit('/redemptions', { code });
      assert.equal(forgot.status, 422);
      assert.match(forgot.text, /id="f-branchId"[^>]*aria-invalid="true"/);
      const done = await till.submit('/redemptions', { code, branchId: amber.branch });
      assert.deepEqual([done.status, done.get('Location')], [303, `/redemptions/${id}`]);
      assert.match((await till.get(`/redemptions/${id}`)).text, /till-ok/);
      const next = await claim('The next one');
      const remembered = await till.get(`/redemptions?code=${next.code}`);
      assert.match(remembered.text, new RegExp(`<option value="${amber.branch}" selected`));
      const [row] = await portals.sql('select state, branch_id, redeemed_by from claim where id = $1', [id]);
      assert.deepEqual(row, { state: 'redeemed', branch_id: amber.branch, redeemed_by: amber.analyst });
      const [event] = await portals.sql(
        "select branch_id from offer_event where kind = 'redeem' and offer_id = (select offer_id from claim where id = $1)",
        [id],
      );
      assert.deepEqual(event, { branch_id: amber.branch });
      const [noted] = await portals.sql(
        "select actor_id from audit_entry where action = 'claim.redeem' and subject_id = $1",
        [id],
      );
      assert.deepEqual(noted, { actor_id: amber.analyst });
    });

    it('say of a used code that it is used, and redeem nothing', async () => {
      const { code } = await claim('Used');
      await redeem(manager, { code, branchId: amber.branch });
      const looked = await till.get(`/redemptions?code=${code}`);
      assert.equal(looked.status, 303);
      const page = await till.get(looked.get('Location')!);
      assert.match(page.text, /till-error/);
      await till.get('/redemptions');
      const again = await till.submit('/redemptions', { code, branchId: amber.branch });
      assert.equal(again.status, 409);
      assert.match(again.text, /till-error/);
    });

    it('ask for the camera on one page and nowhere else', async () => {
      const policy = async (path: string) => (await till.get(path)).headers['permissions-policy'];
      assert.match((await policy('/redemptions'))!, /^camera=\(self\)/);
      const { code } = await claim('Camera');
      for (const path of ['/', '/claims', `/redemptions?code=${code}`])
        assert.match((await policy(path))!, /^camera=\(\)/, path);
    });

    it('keep an unknown code in its field, and show nothing of it as markup', async () => {
      const page = await till.get('/redemptions?code=%3Cscript%3E1');
      assert.equal(page.status, 404);
      assert.match(page.text, /value="&lt;script&gt;1"/);
    });
  });

  describe('the JSON twin', () => {
    it('reads codes as people write and scanners send them', async () => {
      const spellings = [
        (code: string) => code.toLowerCase(),
        (code: string) => ` ${code.slice(0, 4)}-${code.slice(4)} `,
        (code: string) => `https://example.com/redemptions?code=${code}&x=1`,
        (code: string) => code.replace(/\d/g, (digit) => String.fromCharCode(0x0660 + Number(digit))),
        (code: string) => code.replace(/0/g, 'o').replace(/1/g, 'l'),
      ];
      for (const spell of spellings) {
        const { id, code } = await claim('Spelled');
        const answer = await redeem(analyst, { code: spell(code), branchId: amber.branch });
        assert.deepEqual(
          [answer.status, answer.body.id, answer.body.state],
          [201, id, 'redeemed'],
          spell(code),
        );
      }
    });

    it('redeems once when two tills try at the same moment', async () => {
      const { code } = await claim('Two tills');
      const body = { code, branchId: amber.branch };
      const answers = await Promise.all(
        [manager, analyst, manager, analyst].map((token) => redeem(token, body)),
      );
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409, 409]);
      const refused = answers.filter(({ status }) => status === 409).map(({ body: { code } }) => code);
      assert.deepEqual(new Set(refused), new Set(['claim-not-open']));
    });

    it('refuses what has expired', async () => {
      const { id, code } = await claim('Expired');
      await portals.sql("update claim set expires_at = now() - interval '1 second' where id = $1", [id]);
      const answer = await redeem(manager, { code, branchId: amber.branch });
      assert.deepEqual([answer.status, answer.body.code], [409, 'claim-expired']);
      const listed = await portals.partner
        .browser()
        .api('get', '/claims', { token: manager, query: { state: 'expired' } });
      assert.ok(
        listed.body.rows.some(
          (row: { id: string; state: string }) => row.id === id && row.state === 'expired',
        ),
      );
    });

    it('names the field of bad input', async () => {
      const { code } = await claim('Bad input');
      for (const [body, field] of [
        [{}, 'code'],
        [{ code: 12345678 }, 'code'],
        [{ code, branchId: 7 }, 'branchId'],
        [{ code }, 'branchId'],
        [{ code, branchId: amber.branch, state: 'open' }, 'state'],
      ] as const) {
        const answer = await redeem(manager, body);
        assert.deepEqual([answer.status, answer.body.errors?.[0].field], [422, field], JSON.stringify(body));
      }
    });
  });

  describe('isolation', () => {
    it('answers another market’s code like one that nobody has', async () => {
      const { code } = await claim('Not yours');
      const answers = [];
      for (const each of [code, 'ZZZZZZZZ', 'x', "' or true --"]) {
        const { status, body } = await redeem(foreign, { code: each, branchId: basil.branch });
        answers.push(JSON.stringify([status, { ...body, instance: '' }]));
      }
      assert.equal(new Set(answers).size, 1, answers.join('\n'));
      assert.match(answers[0]!, /^\[404/);
      const theirs = await portals.signIn(partnerLogin('basil', 'owner'));
      const page = await theirs.get(`/redemptions?code=${code}`);
      assert.equal(page.status, 404);
      assert.doesNotMatch(page.text, /Not yours/);
      const [row] = await portals.sql('select state from claim where code = $1', [code]);
      assert.equal(row!.state, 'open');
    });

    it('answers another market’s branch like an unknown and a closed one', async () => {
      const { code } = await claim('Wrong branch');
      const closed = await write.branch(amber, 'Closed', null, 'closed');
      const answers = [];
      for (const branchId of [basil.branch, randomUUID(), 'x', closed]) {
        const { status, body } = await redeem(manager, { code, branchId });
        answers.push(JSON.stringify([status, { ...body, instance: '' }]));
      }
      assert.equal(new Set(answers).size, 1, answers.join('\n'));
      assert.match(answers[0]!, /^\[422.*branchId/);
    });

    it('shows each market its own claims, however the list is asked', async () => {
      await claim('Amber list');
      const list = (token: string, query: Record<string, string>) =>
        portals.partner.browser().api('get', '/claims', { token, query });
      const mine = (await list(manager, { limit: '100' })).body.rows as {
        id: string;
        code: string;
        offerId: string;
      }[];
      assert.ok(mine.length > 3);
      const known = new Set(mine.map(({ id }) => id));
      const asks: Record<string, string>[] = [
        {},
        { q: mine[0]!.code },
        { offer: mine[0]!.offerId },
        { branch: amber.branch },
        { state: 'open' },
        { cursor: (await list(manager, { limit: '1' })).body.next },
      ];
      for (const query of asks) {
        const seen = (await list(foreign, query)).body.rows as { id: string }[];
        assert.deepEqual(
          seen.filter(({ id }) => known.has(id)),
          [],
          JSON.stringify(query),
        );
      }
      assert.equal(
        (await list(manager, { q: mine[0]!.code.slice(0, 6).toLowerCase() })).body.rows[0].id,
        mine[0]!.id,
      );
      assert.deepEqual((await list(manager, { q: '%' })).body.rows, []);
      for (const query of [
        { offer: 'x' },
        { state: 'gone' },
        { limit: '0' },
        { shopper: nadia.id },
      ] as Record<string, string>[])
        assert.equal((await list(manager, query)).status, 422, JSON.stringify(query));
    });

    it('shows a shopper’s address to managers, once the shopper wants messages, and to nobody else', async () => {
      const shy = await signUp(portals, amber);
      const open = await signUp(portals, amber);
      await open.ask('patch', '/me', { optedIn: true });
      const first = await claim('Shy', shy);
      const second = await claim('Open', open);
      const emails = async (token: string) => {
        const { body } = await portals.partner
          .browser()
          .api('get', '/claims', { token, query: { limit: '100' } });
        const of = (id: string) => body.rows.find((row: { id: string }) => row.id === id).shopper;
        return [of(first.id), of(second.id)];
      };
      const label = (shopper: TestShopper) => `#${shopper.id.slice(-6).toUpperCase()}`;
      assert.deepEqual(await emails(manager), [
        { label: label(shy), email: null },
        { label: label(open), email: open.email },
      ]);
      assert.deepEqual(await emails(analyst), [
        { label: label(shy), email: null },
        { label: label(open), email: null },
      ]);
      const asAnalyst = (await till.get('/claims')).text;
      assert.ok(
        asAnalyst.includes(label(shy)) && !asAnalyst.includes(open.email) && !asAnalyst.includes(shy.email),
      );
      // Whatever is run: the address of who did not opt in is not there for anybody in the market.
      for (const [role, seen] of [
        ['owner', [open.email]],
        ['manager', [open.email]],
        ['analyst', []],
      ] as const) {
        const direct = portals.partner.deps.database.direct(partnerScope(amber, role));
        const rows = await direct.rows<{ email: string }>(
          statement`select email from shopper_contact where email like '%@example.com'`,
        );
        assert.deepEqual(
          rows.map(({ email }) => email),
          seen,
          role,
        );
      }
      await open.ask('patch', '/me', { optedIn: false });
      assert.equal((await emails(manager))[1].email, null);
    });

    it('keeps a claim what it is: nobody in the market writes one, or changes more than its redemption', async () => {
      const { id } = await claim('Tampered');
      const direct = portals.partner.deps.database.direct(partnerScope(amber, 'owner'));
      const attempts = [
        statement`update claim set shopper_id = ${amber.shopper} where id = ${id}`,
        statement`update claim set code = 'AAAAAAAA' where id = ${id}`,
        statement`update claim set redeemed_by = ${amber.owner} where id = ${id}`,
        statement`delete from claim where id = ${id}`,
        statement`insert into claim (market_id, id, offer_id, shopper_id) values (${amber.marketId}, ${randomUUID()}, ${amber.liveOffer}, ${amber.shopper})`,
        statement`update offer_claims set claimed = 0`,
        statement`update shopper_contact set opted_in_at = now()`,
      ];
      for (const each of attempts)
        await assert.rejects(direct.affected(each), { sqlState: '42501' }, each.flat().text);
      await assert.rejects(
        direct.affected(statement`update claim set state = 'cancelled' where id = ${id}`),
        { sqlState: 'BH004' },
      );
      const other = portals.partner.deps.database.direct(partnerScope(basil, 'owner'));
      assert.equal(await other.affected(statement`update claim set state = 'redeemed' where id = ${id}`), 0);
    });
  });
});
