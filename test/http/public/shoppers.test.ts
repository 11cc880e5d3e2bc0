import assert from 'node:assert/strict';
import { sql as statement } from '../../../server/db/direct.ts';
import { withClient } from '../../../server/db/setup/connect.ts';
import type { Scope } from '../../../server/market/scope.ts';
import { shopperScope } from '../../../server/shoppers/shopper-scope.ts';
import { readTables } from '../../support/fixture/tables.ts';
import { startPortals, type TestPortals } from '../../support/http.ts';
import { mailTo } from '../../support/mail.ts';
import { codeIn, openAsk, signUp } from '../../support/shoppers.ts';
import { amber, basil, fixtureId } from '../../support/two-markets.ts';

describe('shoppers at the public surface', () => {
  let portals: TestPortals;
  let atAmber: ReturnType<typeof openAsk>;
  let atBasil: ReturnType<typeof openAsk>;
  let skew = 0;

  before(async () => {
    portals = await startPortals({ clock: () => new Date(Date.now() + skew) });
    atAmber = openAsk(portals.partner.url, amber);
    atBasil = openAsk(portals.partner.url, basil);
  });
  after(() => portals.close());
  afterEach(() => {
    skew = 0;
  });

  describe('signing in', () => {
    it('sends a code in the language asked for, which opens one session', async () => {
      const email = 'Nadia@Example.com';
      const answer = await atAmber('post', '/sign-in-codes', { email, locale: 'ar' });
      assert.deepEqual([answer.status, answer.body], [202, {}]);
      const mail = await mailTo(portals.mailboxDir, 'nadia@example.com');
      assert.match(mail.text, /رمز الدخول/);
      assert.match(mail.text, new RegExp(amber.marker));
      const code = /\b\d{6}\b/.exec(mail.text)![0];
      const session = await atAmber('post', '/sessions', {
        email,
        code: ` ${code.slice(0, 3)} ${code.slice(3)}`,
      });
      assert.equal(session.status, 201, session.text);
      assert.deepEqual(Object.keys(session.body.shopper).sort(), [
        'createdAt',
        'email',
        'id',
        'locale',
        'optedIn',
        'phone',
        'phoneOptedIn',
      ]);
      assert.equal(session.body.shopper.email, 'nadia@example.com');
      const me = await openAsk(portals.partner.url, amber, session.body.token)('get', '/me');
      assert.deepEqual(me.body, session.body.shopper);
      const again = await atAmber('post', '/sessions', { email, code });
      assert.deepEqual([again.status, again.body.code], [422, 'code-refused']);
    });

    it('answers alike for a known and an unknown address, and writes to both', async () => {
      const known = await signUp(portals, amber);
      const started = Date.now();
      const answers = [];
      for (const email of [known.email, 'never-seen@example.com']) {
        const answer = await atAmber('post', '/sign-in-codes', { email });
        const wrong = await atAmber('post', '/sessions', { email, code: '000000' });
        const { instance: _, ...problem } = wrong.body;
        answers.push([answer.status, answer.body, Object.keys(answer.headers).sort(), wrong.status, problem]);
        await mailTo(portals.mailboxDir, email, started);
      }
      assert.deepEqual(answers[0], answers[1]);
    });

    it('looks at a code five times, and no more when all tries come at once', async () => {
      const email = 'guessed@example.com';
      await atAmber('post', '/sign-in-codes', { email });
      const code = await codeIn(portals, email);
      const wrong = Array.from({ length: 12 }, (_, index) =>
        String((Number(code) + index + 1) % 1_000_000).padStart(6, '0'),
      );
      const tries = await Promise.all(
        wrong.map((each) => atAmber('post', '/sessions', { email, code: each })),
      );
      assert.deepEqual([...new Set(tries.map(({ status }) => status))], [422]);
      const [row] = await portals.sql(
        'select failures from shopper_code where failures > 0 order by failures desc',
      );
      assert.equal(row!.failures, 5);
      const right = await atAmber('post', '/sessions', { email, code });
      assert.equal(right.body.code, 'code-refused');
    });

    it('lets one of several people with the right code in', async () => {
      const email = 'twice@example.com';
      await atAmber('post', '/sign-in-codes', { email });
      const code = await codeIn(portals, email);
      const tries = await Promise.all([1, 2, 3, 4].map(() => atAmber('post', '/sessions', { email, code })));
      assert.deepEqual(tries.map(({ status }) => status).sort(), [201, 422, 422, 422]);
    });

    it('takes a code for ten minutes, and only the newest', async () => {
      const email = 'late@example.com';
      await atAmber('post', '/sign-in-codes', { email });
      const first = await codeIn(portals, email);
      skew = 10 * 60_000;
      assert.equal((await atAmber('post', '/sessions', { email, code: first })).body.code, 'code-refused');
      const started = Date.now() + skew;
      await atAmber('post', '/sign-in-codes', { email });
      const second = await codeIn(portals, email, started);
      if (first !== second)
        assert.equal((await atAmber('post', '/sessions', { email, code: first })).status, 422);
      assert.equal((await atAmber('post', '/sessions', { email, code: second })).status, 201);
    });

    it('refuses at one market the code that another one sent', async () => {
      const email = 'across@example.com';
      await atAmber('post', '/sign-in-codes', { email });
      const code = await codeIn(portals, email);
      assert.equal((await atBasil('post', '/sessions', { email, code })).body.code, 'code-refused');
      const [row] = await portals.sql('select count(*)::int as n from shopper_contact where email = $1', [
        email,
      ]);
      assert.equal(row!.n, 0);
      assert.equal((await atAmber('post', '/sessions', { email, code })).status, 201);
    });

    it('sends an address of a market five codes an hour, whatever it got from another', async () => {
      const email = 'flooded@example.com';
      const answers = [];
      for (let sent = 0; sent < 6; sent++) answers.push(await atAmber('post', '/sign-in-codes', { email }));
      assert.deepEqual(
        answers.map(({ status }) => status),
        [202, 202, 202, 202, 202, 429],
      );
      assert.ok(Number(answers[5]!.headers['retry-after']) > 0);
      assert.equal((await atBasil('post', '/sign-in-codes', { email })).status, 202);
    });

    it('counts what is typed, right or wrong, and stops at thirty a day', async () => {
      const email = 'typed@example.com';
      const tries = await Promise.all(
        Array.from({ length: 32 }, () => atAmber('post', '/sessions', { email, code: '123456' })),
      );
      const stopped = tries.filter(({ status }) => status === 429);
      assert.equal(stopped.length, 2);
    });

    it('names the field of bad input', async () => {
      const cases: [path: string, body: object, field: string][] = [
        ['/sign-in-codes', {}, 'email'],
        ['/sign-in-codes', { email: 'nobody' }, 'email'],
        ['/sign-in-codes', { email: 'a@example.com', locale: 'fr' }, 'locale'],
        ['/sign-in-codes', { email: 'a@example.com', market: basil.marketId }, 'market'],
        ['/sessions', { email: 'a@example.com', code: '12345' }, 'code'],
        ['/sessions', { email: 'a@example.com', code: 123456 }, 'code'],
        ['/sessions', { email: ['a@example.com'], code: '123456' }, 'email'],
      ];
      for (const [path, body, field] of cases) {
        const answer = await atAmber('post', path, body);
        assert.equal(answer.status, 422, `${path} ${JSON.stringify(body)}`);
        assert.deepEqual(
          answer.body.errors.map((each: { field: string }) => each.field),
          [field],
        );
      }
    });
  });

  describe('codes and the database', () => {
    const keyScope: Scope = {
      surface: 'public',
      marketId: amber.marketId,
      actor: { kind: 'key', id: amber.key, role: 'none', name: 'key' },
      receipt: 'test',
    };

    it('are out of reach for anything that runs in a public request', async () => {
      for (const scope of [keyScope, shopperScope(amber.marketId, amber.shopper, 'test')]) {
        const direct = portals.partner.deps.open!.database.direct(scope);
        const attempts = [
          statement`select * from shopper_code`,
          statement`update shopper_code set failures = 0`,
          statement`delete from shopper_code`,
          statement`insert into shopper_code (market_id, email_digest, code_digest, expires_at)
            values (${amber.marketId}, 'x', 'y', now() + interval '1 day')`,
        ];
        for (const attempt of attempts) await assert.rejects(direct.rows(attempt), { sqlState: '42501' });
      }
    });

    it('of one market are not to be seen, made or used up under the context of another', async () => {
      const email = 'kept@example.com';
      await atAmber('post', '/sign-in-codes', { email });
      const foreign = { ...keyScope, marketId: basil.marketId, actor: { ...keyScope.actor, id: basil.key } };
      const { gate } = portals.partner.deps;
      const asked = await gate.as(foreign, async (query) => [
        (await query('select market_id from shopper_code where market_id = $1', [amber.marketId])).length,
        (
          await query('update shopper_code set failures = 5 where market_id = $1 returning 1', [
            amber.marketId,
          ])
        ).length,
        (await query('delete from shopper_code where market_id = $1 returning 1', [amber.marketId])).length,
      ]);
      assert.deepEqual(asked, [0, 0, 0]);
      const insert = gate.as(foreign, (query) =>
        query(
          `insert into shopper_code (market_id, email_digest, code_digest, expires_at) values ($1, 'x', 'y', now() + interval '1 day')`,
          [amber.marketId],
        ),
      );
      await assert.rejects(insert, { code: '42501' });
      const unsigned = await gate.query('select market_id from shopper_code');
      assert.deepEqual(unsigned, []);
    });

    it('hold neither the address nor the code', async () => {
      const email = 'unnamed@example.com';
      await atAmber('post', '/sign-in-codes', { email });
      const code = await codeIn(portals, email);
      const rows = await portals.sql<{ text: string }>(
        'select c::text as text from shopper_code as c union all select key from partner_throttle',
      );
      assert.ok(rows.length > 1);
      for (const { text } of rows) assert.ok(!text.includes('unnamed') && !text.includes(`,${code},`), text);
    });
  });

  describe('a shopper’s own account', () => {
    it('changes language and consent, and keeps the instant of the first consent', async () => {
      const { ask, id } = await signUp(portals, amber);
      const changed = await ask('patch', '/me', { locale: 'ar', optedIn: true });
      assert.deepEqual([changed.status, changed.body.locale, changed.body.optedIn], [200, 'ar', true]);
      const since = () => portals.sql('select opted_in_at from shopper_contact where shopper_id = $1', [id]);
      const first = await since();
      await ask('patch', '/me', { optedIn: true });
      assert.deepEqual(await since(), first);
      assert.equal((await ask('patch', '/me', { optedIn: false })).body.optedIn, false);
      const trail = await portals.sql<{ action: string; text: string }>(
        'select action, a::text as text from audit_entry as a where actor_id = $1 order by at, id',
        [id],
      );
      assert.deepEqual(
        trail.map(({ action }) => action),
        ['shopper.create', 'session.sign-in', 'shopper.update', 'shopper.opt-in', 'shopper.opt-out'],
      );
      for (const { text } of trail) assert.doesNotMatch(text, /@/);
    });

    it('refuses what it has no field for', async () => {
      const { ask } = await signUp(portals, amber);
      for (const body of [{ email: 'new@example.com' }, { id: amber.shopper }, { optedIn: 'yes' }, {}]) {
        assert.equal((await ask('patch', '/me', body)).status, 422, JSON.stringify(body));
      }
    });

    it('ends with its session', async () => {
      const { ask } = await signUp(portals, amber);
      assert.equal((await ask('delete', '/sessions/current')).status, 204);
      const after = await ask('get', '/me');
      assert.deepEqual([after.status, after.body.code], [401, 'token-refused']);
      assert.equal(after.headers['www-authenticate'], 'Bearer');
    });

    it('ends after thirty days', async () => {
      const { ask } = await signUp(portals, amber);
      skew = 30 * 86_400_000 - 60_000;
      assert.equal((await ask('get', '/me')).status, 200);
      skew = 30 * 86_400_000 + 1_000;
      assert.equal((await ask('get', '/me')).status, 401);
    });

    it('asks for a token everywhere', async () => {
      for (const [method, path] of [
        ['get', '/me'],
        ['patch', '/me'],
        ['delete', '/me'],
        ['get', '/me/export'],
        ['delete', '/sessions/current'],
        ['get', '/claims'],
        ['post', '/claims'],
        ['get', `/claims/${fixtureId('claim', 'amber')}`],
      ] as const) {
        const answer = await atAmber(method, path, method === 'get' ? undefined : {});
        assert.deepEqual([answer.status, answer.body.code], [401, 'token-refused'], `${method} ${path}`);
      }
    });

    it('may hold a number, in one form however it was typed, with an opt-in of its own', async () => {
      const { ask, id } = await signUp(portals, amber);
      for (const [typed, stored] of [
        ['+966 50 123-4567', '+966501234567'],
        ['00966501234568', '+966501234568'],
        ['+٩٦٦٥٠١٢٣٤٥٦٩', '+966501234569'],
        ['+1 (650) 555.1234', '+16505551234'],
      ]) {
        const answer = await ask('patch', '/me', { phone: typed });
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.body.phone, stored);
        assert.deepEqual([answer.body.phoneOptedIn, answer.body.optedIn], [false, false]);
      }
      for (const bad of [
        '0501234567',
        '+0501234567',
        '+96650',
        '+9665012345678901',
        'number',
        '',
        '+966501234567;',
        7,
      ]) {
        const answer = await ask('patch', '/me', { phone: bad });
        assert.equal(answer.status, 422, String(bad));
        assert.equal(answer.body.errors[0].field, 'phone');
      }
      assert.equal((await ask('patch', '/me', { phoneOptedIn: true })).body.phoneOptedIn, true);
      assert.equal((await ask('get', '/me')).body.optedIn, false, 'e-mail is another question');
      const trail = await portals.sql(
        `select details from audit_entry where action = 'shopper.opt-in' and subject_id = $1`,
        [id],
      );
      assert.deepEqual(trail, [{ details: { channel: 'whatsapp' } }]);
      assert.equal(
        (await ask('patch', '/me', { phone: '+966501234570' })).body.phoneOptedIn,
        false,
        'another number',
      );
      const both = await ask('patch', '/me', { phone: '+966501234571', phoneOptedIn: true });
      assert.deepEqual([both.body.phone, both.body.phoneOptedIn], ['+966501234571', true]);
      assert.equal((await ask('get', '/me/export')).body.shopper.phone.phone, '+966501234571');
      assert.equal((await ask('patch', '/me', { phone: null })).body.phone, null);
      const none = await ask('patch', '/me', { phoneOptedIn: true });
      assert.deepEqual([none.status, none.body.errors[0].field], [422, 'phone']);
    });

    it('can be taken along', async () => {
      const { ask, email } = await signUp(portals, amber);
      const claim = await ask('post', '/claims', { offerId: amber.liveOffer });
      const file = await ask('get', '/me/export');
      assert.match(file.headers['content-disposition']!, /attachment; filename=.+\.json/);
      assert.equal(file.body.shopper.contact.email, email);
      assert.deepEqual(
        file.body.shopper.claims.map((each: { id: string }) => each.id),
        [claim.body.id],
      );
      assert.equal(file.body.shopper.sessions.length, 1);
      assert.doesNotMatch(file.text, new RegExp(basil.marker));
    });
  });

  describe('deletion', () => {
    it('leaves nothing in any table that names the person, and their redemptions without them', async () => {
      const { ask, id, email } = await signUp(portals, amber);
      await portals.sql('update offer set claim_limit_per_shopper = 2 where id = $1', [amber.liveOffer]);
      const kept = await ask('post', '/claims', { offerId: amber.liveOffer });
      const given = await ask('post', '/claims', { offerId: amber.liveOffer });
      const staff = await portals.token({
        portal: 'partner',
        email: `${amber.marker}.main@example.test`,
        password: 'correct horse battery',
      });
      const body = { code: kept.body.code, branchId: amber.branch };
      const redeemed = await portals.partner.browser().api('post', '/redemptions', { token: staff, body });
      assert.equal(redeemed.status, 201, redeemed.text);
      const counted = async () =>
        (
          await portals.sql<{ claimed: number }>('select claimed from offer_claims where offer_id = $1', [
            amber.liveOffer,
          ])
        )[0]!.claimed;
      const before = await counted();
      await ask('post', '/sign-in-codes', { email });
      const codes = async () =>
        (await portals.sql<{ n: number }>('select count(*)::int as n from shopper_code'))[0]!.n;
      const sent = await codes();

      assert.equal((await ask('delete', '/me')).status, 204);

      assert.equal((await ask('get', '/me')).status, 401);
      assert.equal(await counted(), before - 1);
      const claims = await portals.sql('select id, shopper_id, state from claim where id = any($1)', [
        [kept.body.id, given.body.id],
      ]);
      assert.deepEqual(claims, [{ id: kept.body.id, shopper_id: null, state: 'redeemed' }]);
      assert.deepEqual(await tablesWith(portals, email.split('@')[0]!), []);
      // The trail says that somebody, who is nobody any more, was here; nothing leads from the id to anything.
      assert.deepEqual(await tablesWith(portals, id), ['audit_entry']);
      const [noted] = await portals.sql(
        "select subject_id from audit_entry where action = 'shopper.delete' and actor_id = $1",
        [id],
      );
      assert.equal(noted!.subject_id, id);
      assert.equal(await codes(), sent - 1);
    });

    it('of one shopper leaves the other markets’ record of the same person alone', async () => {
      const here = await signUp(portals, amber);
      const there = await signUp(portals, basil, here.email);
      assert.notEqual(here.id, there.id);
      await here.ask('delete', '/me');
      assert.equal((await there.ask('get', '/me')).status, 200);
      const again = await signUp(portals, amber, here.email);
      assert.notEqual(again.id, here.id);
      assert.deepEqual((await again.ask('get', '/claims')).body.items, []);
    });
  });
});

/** The tables in which a text stands anywhere. */
async function tablesWith({ database }: TestPortals, text: string): Promise<string[]> {
  return withClient(database.superuserUrl, async (client) => {
    const found: string[] = [];
    for (const { name } of await readTables(client)) {
      const { rows } = await client.query(
        `select 1 from ${name} as row where position(lower($1) in lower(row::text)) > 0 limit 1`,
        [text],
      );
      if (rows.length > 0) found.push(name);
    }
    return found;
  });
}
