import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Response } from 'supertest';
import type { Locale } from '../../../server/http/format.ts';
import { LOCALES, readCatalogue } from '../../../server/i18n/i18n.ts';
import { messages } from '../../../server/paths.ts';
import {
  type Browser,
  partnerLogin,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../../support/http.ts';
import {
  linkOf,
  openSession,
  requestSession,
  runOut,
  SUPPORT_COOKIE,
  setConsent,
} from '../../support/support-sessions.ts';
import { amber, basil } from '../../support/two-markets.ts';

interface Words {
  readonly title: string;
  readonly text: string;
}
const texts = Object.fromEntries(
  LOCALES.map((locale) => [
    locale,
    readCatalogue(messages, locale).errors as unknown as Record<string, Words>,
  ]),
) as Record<Locale, Record<string, Words>>;

const plain = (html: string) =>
  html.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&');
const asked = { marketId: amber.marketId, reason: 'Offers are missing', ticket: 'CASE-1', minutes: '5' };

/** Who is refused what, as often as it is asked. */
interface Refused {
  readonly browser: Browser;
  ask(browser: Browser, headers: Record<string, string>): Promise<Response>;
}

describe('what a support session is refused', function () {
  this.timeout(60_000);
  let portals: TestPortals;
  const told = new Set<string>();
  before(async () => {
    portals = await startPortals({ env: { RECEIPTS: 'on' } });
  });
  beforeEach(() => setConsent(portals, 'always'));
  after(() => portals?.close());

  const gets = (browser: Browser, path: string): Refused => ({
    browser,
    ask: (each, headers) => each.get(path, headers),
  });
  const submits = (browser: Browser, path: string, fields: Record<string, string> = {}): Refused => ({
    browser,
    ask: (each, headers) => each.submit(path, fields, headers),
  });
  const inside = async () => (await openSession(portals)).agent;
  const staffAt = async (path: string, role: 'support' | 'operator' = 'support') => {
    const staff = await portals.signIn(staffLogin(role));
    await staff.get(path);
    return staff;
  };
  /** A request for a session that the market has been asked about, and answers. */
  const answered = async (consent?: 'granted' | 'refused') => {
    await setConsent(portals, 'ask');
    const staff = await portals.signIn(staffLogin('support'));
    const id = await requestSession(staff);
    const owner = await portals.signIn(partnerLogin('amber', 'owner'));
    await owner.get(`/access-log/${id}`);
    if (consent) await owner.submit(`/access-log/${id}/consent`, { consent });
    await staff.get(`/support-sessions/${id}`);
    return { staff, owner, id };
  };
  const madeLink = async () => {
    const staff = await portals.signIn(staffLogin('support'));
    const id = await requestSession(staff);
    return { staff, id, link: await linkOf(staff, id) };
  };
  const update = (what: string, id: string) =>
    portals.sql(`update support_session set ${what} where id = $1`, [id]);

  const cases: [what: string, code: string, status: number, make: () => Promise<Refused>][] = [
    ['a write', 'support-read-only', 403, async () => submits(await inside(), `/offers/${amber.offer}/end`)],
    ...[
      ...['/profile', '/sign-in', '/password-reset', '/keys', '/keys/new', '/devices/new', '/exports'],
      ...['/team/new', '/offers/new', `/messages/${amber.offer}/recipients`, '/api/v1/offers', '/payments'],
    ].map((path): [string, string, number, () => Promise<Refused>] => [
      ...([`a page that is closed to it, ${path}`, 'support-blocked', 403] as const),
      async () => gets(await inside(), path),
    ]),
    [
      ...(['another session from within', 'support-nested', 403] as const),
      async () => {
        const agent = await inside();
        const other = await requestSession(await portals.signIn(staffLogin('support')), basil);
        return gets(agent, await linkOf(await portals.signIn(staffLogin('support')), other));
      },
    ],
    [
      ...(['its time is over', 'support-expired', 403] as const),
      async () => {
        const { agent, id } = await openSession(portals);
        await runOut(portals, id);
        return gets(agent, '/offers');
      },
    ],
    [
      ...(['its token has run out as well', 'support-expired', 403] as const),
      async () => {
        const { agent, id } = await openSession(portals);
        await runOut(portals, id);
        const issued = { issuedAt: new Date(Date.now() - 1_800_000), seconds: 900 };
        const claims = { sub: id, mkt: amber.marketId };
        agent.cookies.set(SUPPORT_COOKIE, await portals.partner.deps.tokens.sign('support', claims, issued));
        return gets(agent, '/offers');
      },
    ],
    [
      ...(['the market stopped it', 'support-stopped', 403] as const),
      async () => {
        const { agent, id } = await openSession(portals);
        const owner = await portals.signIn(partnerLogin('amber', 'owner'));
        await owner.get(`/access-log/${id}`);
        await owner.submit(`/access-log/${id}/stop`);
        return gets(agent, '/offers');
      },
    ],
    [
      ...(['staff ended it', 'support-ended', 403] as const),
      async () => {
        const { agent, id } = await openSession(portals);
        const operator = await staffAt(`/support-sessions/${id}`, 'operator');
        await operator.submit(`/support-sessions/${id}/end`);
        return gets(agent, '/offers');
      },
    ],
    [
      ...(['the market is shut behind it', 'support-withdrawn', 403] as const),
      async () => {
        const agent = await inside();
        await setConsent(portals, 'never');
        return gets(agent, '/offers');
      },
    ],
    [
      ...(['a damaged token', 'support-unknown', 403] as const),
      async () => {
        const browser = portals.partner.browser();
        browser.cookies.set(SUPPORT_COOKIE, 'x.y.z');
        return gets(browser, '/offers');
      },
    ],
    [
      ...(['a link that was used', 'support-link-used', 404] as const),
      async () => {
        const { link, id } = await madeLink();
        await update("opened_at = now(), expires_at = now() + interval '1 minute'", id);
        return gets(portals.partner.browser(), link);
      },
    ],
    [
      ...(['a link that is too old', 'support-link-late', 404] as const),
      async () => {
        const { link, id } = await madeLink();
        await update("code_ends_at = now() - interval '1 second'", id);
        return gets(portals.partner.browser(), link);
      },
    ],
    [
      ...(['a link of a session that is over', 'support-link-over', 404] as const),
      async () => {
        const { link, id, staff } = await madeLink();
        await staff.get(`/support-sessions/${id}`);
        await staff.submit(`/support-sessions/${id}/end`);
        return gets(portals.partner.browser(), link);
      },
    ],
    [
      ...(['a link to a market that allows none any more', 'support-link-withdrawn', 404] as const),
      async () => {
        const { link } = await madeLink();
        await setConsent(portals, 'never');
        return gets(portals.partner.browser(), link);
      },
    ],
    [
      ...(['a link that was mistyped', 'support-link-unknown', 404] as const),
      async () =>
        gets(
          portals.partner.browser(),
          `/support-session/entry?code=${randomBytes(32).toString('base64url')}`,
        ),
    ],
    [
      ...(['a way in before the market has answered', 'support-asked', 409] as const),
      async () => {
        const { staff, id } = await answered();
        return submits(staff, `/support-sessions/${id}/link`);
      },
    ],
    [
      ...(['a way in that the market has refused', 'support-declined', 409] as const),
      async () => {
        const { staff, id } = await answered('refused');
        return submits(staff, `/support-sessions/${id}/link`);
      },
    ],
    [
      ...(['a second way in', 'support-begun', 409] as const),
      async () => {
        const { staff, id } = await openSession(portals);
        await staff.get(`/support-sessions/${id}`);
        return submits(staff, `/support-sessions/${id}/link`);
      },
    ],
    [
      ...(['a way into what is over', 'support-over', 409] as const),
      async () => {
        const { staff, id } = await openSession(portals);
        await staff.get(`/support-sessions/${id}`);
        await staff.submit(`/support-sessions/${id}/end`);
        return submits(staff, `/support-sessions/${id}/link`);
      },
    ],
    [
      ...(['a second answer of the market', 'support-answered', 409] as const),
      async () => {
        const { owner, id } = await answered('granted');
        return submits(owner, `/access-log/${id}/consent`, { consent: 'refused' });
      },
    ],
    [
      ...(['a look at a market that allows none', 'support-refused', 409] as const),
      async () => {
        const staff = await staffAt(`/markets/${amber.marketId}/support-sessions/new`);
        await setConsent(portals, 'never');
        return submits(staff, '/support-sessions', asked);
      },
    ],
    [
      ...(['a look at a market that is not active', 'support-market-shut', 409] as const),
      async () => {
        const staff = await staffAt(`/markets/${amber.marketId}/support-sessions/new`);
        await portals.sql(`update market set state = 'suspended', state_reason = 'x' where id = $1`, [
          basil.marketId,
        ]);
        return submits(staff, '/support-sessions', { ...asked, marketId: basil.marketId });
      },
    ],
    [
      ...(['the end of somebody else’s', 'support-not-yours', 403] as const),
      async () => {
        const operator = await portals.signIn(staffLogin('operator'));
        const id = await requestSession(operator);
        return submits(await staffAt(`/support-sessions/${id}`), `/support-sessions/${id}/end`);
      },
    ],
  ];

  it('stands in the platform’s trail and, with its receipt, in the market’s access log', async () => {
    const { agent, id } = await openSession(portals);
    await agent.get('/offers');
    const refused = [
      await agent.get('/keys'),
      await agent.submit(`/offers/${amber.offer}/end`),
      await agent.get('/support-session/entry?code=x'),
    ];
    let entries: { code: string }[] = [];
    // Written down behind the answer.
    for (let i = 0; i < 40 && entries.length < refused.length; i++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      entries = await portals.sql(
        `select details->>'code' as code from platform_audit_entry
         where action = 'access.deny' and subject_id = $1 order by at, id`,
        [id],
      );
    }
    assert.deepEqual(
      entries.map(({ code }) => code),
      ['support-blocked', 'support-read-only', 'support-nested'],
    );
    const owner = await portals.signIn(partnerLogin('amber', 'owner'));
    const page = await owner.get(`/access-log/${id}`);
    for (const { headers } of refused) assert.ok(page.text.includes(headers['x-request-id']!));
    assert.match(page.text, /closed to support/);
  });

  for (const [what, code, status, make] of cases) {
    it(`${what} (${code}): says what happened, why and what next, with the receipt`, async () => {
      const { browser, ask } = await make();
      for (const locale of LOCALES) {
        const each = browser.copy();
        each.cookies.set('bulkhead-locale', locale);
        const answer = await ask(each, {});
        const page = plain(answer.text);
        if (!answer.type.includes('json')) {
          const { title, text } = texts[locale][code]!;
          assert.equal(answer.status, status, page);
          assert.ok(page.includes(`<html lang="${locale}"`));
          assert.ok(page.includes(`<h1>${title}</h1>`) && page.includes(`<p>${text}</p>`), page);
          assert.ok(page.includes(answer.headers['x-request-id']!), 'no receipt');
          assert.ok(!page.includes('marker-basil'));
          if (code !== 'support-answered' && status !== 409)
            assert.ok(!page.slice(page.indexOf('<main')).includes('marker-'));
        }
      }
      const answer = await ask(browser.copy(), { Accept: 'application/json' });
      assert.equal(answer.status, status);
      assert.match(answer.type, /application\/problem\+json/);
      const { title, text } = texts.en[code]!;
      const { instance } = answer.body;
      assert.deepEqual(answer.body, {
        ...{ type: `urn:bulkhead:problem:${code}`, title, status, detail: text, code, instance },
      });
      assert.equal(instance, `urn:uuid:${answer.headers['x-request-id']}`);
      told.add(code);
    });
  }

  it('covers every refusal that there are words for, and none in a word', () => {
    const known = Object.keys(texts.en).filter((code) => code.startsWith('support-'));
    assert.deepEqual([...told].sort(), known.sort());
    for (const locale of LOCALES) {
      for (const code of known) {
        const { text } = texts[locale][code]!;
        assert.ok(text.length > 80 && /[.؟?:] /.test(text), `${locale} ${code}`);
      }
    }
  });
});
