import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { dayIn } from '../../../server/analytics/calendar.ts';
import { nextSending } from '../../../server/exports/sending-time.ts';
import { dueExportsJob, EXPORT_JOB, exportJob } from '../../../server/jobs/exports.job.ts';
import { type Browser, partnerLogin, startPortals, type TestPortals } from '../../support/http.ts';
import { amber, basil, fixtureId, partnerScope } from '../../support/two-markets.ts';

const SPAN = 'from=2026-04-01&to=';
const UNKNOWN = '01890000-0000-7000-8000-00000000dead';
const run = { attempt: 1, isLastAttempt: false, signal: new AbortController().signal };

describe('Partner: exports', () => {
  let portals: TestPortals;
  let manager: Browser;
  let today: string;

  before(async () => {
    portals = await startPortals();
    today = dayIn('Asia/Riyadh', new Date());
    await portals.sql(`
      update offer set title_en = '=HYPERLINK("http://evil.example")' where id = '${amber.liveOffer}';
      update claim set title_en = '=1+1' where market_id = '${amber.marketId}';
      update event_day set offer_id = (select id from offer where market_id = event_day.market_id and title_en like '=%' limit 1)
        where market_id = '${amber.marketId}' and offer_id = (select min(offer_id::text)::uuid from event_day d where d.market_id = event_day.market_id);`);
    manager = await portals.signIn(partnerLogin('amber', 'manager'));
  });
  after(() => portals.close());

  const file = (who: Browser, subject: string, format: string) =>
    who.get(`/exports/file?subject=${subject}&format=${format}&${SPAN}${today}`);
  /** Rows of the market in the table behind a file, as the superuser counts them. */
  const TABLES = { figures: 'event_day', events: 'offer_event', claims: 'claim' } as const;

  for (const subject of ['figures', 'events', 'claims'] as const) {
    for (const format of ['csv', 'jsonl'] as const) {
      it(`${subject} as ${format}: every row of the market, and not a byte of another's`, async () => {
        const answer = await file(manager, subject, format);
        assert.equal(answer.status, 200, answer.text);
        assert.match(answer.headers['content-disposition'] ?? '', /attachment; filename=marker-amber/);
        const [own] = await portals.sql<{ count: number }>(
          `select count(*)::int as count from ${TABLES[subject]} where market_id = $1`,
          [amber.marketId],
        );
        const rows =
          format === 'csv'
            ? parse(answer.text, { columns: true, bom: true })
            : answer.text
                .trim()
                .split('\n')
                .map((line) => JSON.parse(line));
        assert.equal(rows.length, own!.count);
        assert.ok(rows.length > 0);
        await assertNothingOfBasil(answer.text);
      });
    }
  }

  /** Neither a marker, nor any id of the other market's rows. */
  async function assertNothingOfBasil(text: string): Promise<void> {
    const ids = await portals.sql<{ id: string }>(
      `select id::text from offer where market_id = $1 union all select id::text from branch where market_id = $1
       union all select id::text from claim where market_id = $1 union all select id::text from offer_event where market_id = $1
       union all select id::text from shopper where market_id = $1`,
      [basil.marketId],
    );
    assert.ok(ids.length > 5);
    for (const needle of [basil.marker, basil.marketId, ...ids.map(({ id }) => id)]) {
      assert.ok(!text.includes(needle), needle);
    }
  }

  it('escapes what a spreadsheet would run, and leaves it alone in JSON', async () => {
    const csv = (await file(manager, 'claims', 'csv')).text;
    assert.match(csv, /'=1\+1/);
    assert.doesNotMatch(csv, /(^|,|")=/m);
    assert.match((await file(manager, 'claims', 'jsonl')).text, /"offer_en":"=1\+1"/);
  });

  it('shows an e-mail only of shoppers who opted in, and only to managers', async () => {
    const emails = async (who: Browser) =>
      parse((await file(who, 'claims', 'csv')).text, { columns: true, bom: true }).map(
        (row) => (row as { email: string }).email,
      );
    const [contact] = await portals.sql<{ email: string }>(
      'select email from shopper_contact where market_id = $1 and opted_in_at is not null',
      [amber.marketId],
    );
    assert.ok((await emails(manager)).includes(contact!.email));
    const analyst = await portals.signIn(partnerLogin('amber', 'analyst'));
    assert.deepEqual([...new Set(await emails(analyst))], ['']);
    await portals.sql('update shopper_contact set opted_in_at = null where market_id = $1', [amber.marketId]);
    assert.deepEqual([...new Set(await emails(manager))], ['']);
    await portals.sql('update shopper_contact set opted_in_at = now() where email = $1', [contact!.email]);
  });

  for (const [field, change] of [
    ['subject', 'subject=passwords'],
    ['format', 'format=xlsx'],
    ['from', 'from=2026-02-31'],
    ['from', 'from=2026-12-31&to=2026-01-01'],
    ['from', 'from=2025-01-01&to=2026-06-01'],
    ['from', 'from=0001-01-01'],
    ['to', 'to=2999-01-01'],
    ['to', 'to=1999-01-01'],
  ] as const) {
    it(`names ${field} when asked for ?${change}`, async () => {
      const query = new URLSearchParams({
        subject: 'events',
        format: 'csv',
        from: '2026-05-01',
        to: '2026-05-02',
      });
      for (const [name, value] of new URLSearchParams(change)) query.set(name, value);
      const page = await manager.get(`/exports/file?${query}`);
      assert.equal(page.status, 422);
      assert.match(page.text, new RegExp(`id="f-${field}-error"`));
      const token = await portals.token(partnerLogin('amber', 'manager'));
      const answer = await manager.api('get', `/exports/file?${query}`, { token });
      assert.equal(answer.status, 422);
      assert.equal(answer.body.errors[0].field, field);
    });
  }

  it('writes down who took what', async () => {
    await file(manager, 'events', 'jsonl');
    const [entry] = await portals.sql<{ actor_id: string; details: Record<string, string> }>(
      `select actor_id, details from audit_entry where action = 'export.download' and market_id = $1 order by at desc limit 1`,
      [amber.marketId],
    );
    assert.equal(entry!.actor_id, amber.manager);
    assert.equal(entry!.details.subject, 'events');
  });

  describe('sent regularly', () => {
    const add = async () => {
      await manager.get('/exports');
      const answer = await manager.submit('/exports/schedules', {
        subject: 'claims',
        format: 'csv',
        cadence: 'daily',
      });
      assert.equal(answer.status, 303, answer.text);
      const [row] = await portals.sql<{ id: string; member_id: string }>(
        'select id, member_id from export_schedule where market_id = $1 order by created_at desc limit 1',
        [amber.marketId],
      );
      return row!;
    };
    const due = (id: string) =>
      portals.sql(`update export_schedule set next_at = now() - interval '1 hour' where id = $1`, [id]);
    const mails = () =>
      (existsSync(portals.mailboxDir) ? readdirSync(portals.mailboxDir) : []).map((name) =>
        JSON.parse(readFileSync(join(portals.mailboxDir, name), 'utf8')),
      );
    const handler = () => {
      const { database, open, queue, mailer, clock, logger, config } = portals.partner.deps;
      return exportJob({
        database,
        exports: open!.exports,
        queue,
        mailer,
        clock,
        logger,
        publicUrl: config.publicUrl,
      });
    };

    it('goes to the member who asked, with nothing of another market, and once a turn', async () => {
      const { id, member_id: memberId } = await add();
      assert.equal(memberId, amber.manager);
      await due(id);
      await portals.sql(
        `update claim set claimed_at = now() - interval '1 day' where market_id in ($1, $2)`,
        [amber.marketId, basil.marketId],
      );
      const found = await portals.partner.deps.open!.exports.due(new Date());
      assert.ok(found.some(({ scheduleId }) => scheduleId === id));
      const before = mails().length;
      const payload = { marketId: amber.marketId, memberId, scheduleId: id };
      await handler()(payload, run);
      await handler()(payload, run);
      const sent = mails().slice(before);
      assert.equal(mails().length, before + 1);
      const mail = sent.find(({ attachments }) => attachments);
      assert.equal(mail.to, partnerLogin('amber', 'manager').email);
      const content = Buffer.from(mail.attachments[0].content, 'base64').toString('utf8');
      assert.match(content, /marker-amber/);
      await assertNothingOfBasil(content);
      const noted = await portals.sql(
        `select action, actor_id from audit_entry where subject_id = $1 and action <> 'export.schedule'`,
        [id],
      );
      assert.deepEqual(noted, [{ action: 'export.send', actor_id: amber.manager }]);
    });

    it('does nothing for another market’s schedule, a forged payload or a member who is gone', async () => {
      const { id, member_id: memberId } = await add();
      await due(id);
      const before = mails().length;
      for (const payload of [
        { marketId: basil.marketId, memberId: basil.manager, scheduleId: id },
        { marketId: basil.marketId, memberId, scheduleId: id },
        { marketId: amber.marketId, memberId: amber.owner, scheduleId: id },
        { marketId: amber.marketId, memberId: amber.analyst, scheduleId: id },
        { marketId: amber.marketId, memberId },
        'nothing',
      ]) {
        await handler()(payload, run);
      }
      assert.equal(mails().length, before);
      const owner = await portals.signIn(partnerLogin('amber', 'owner'));
      const [left] = await portals.sql<{ state: string }>(
        `select state from team_member where id = '${fixtureId('team_member', 'amber', 'manager')}'`,
      );
      assert.equal(left!.state, 'active');
      await owner.get(`/team`);
      await portals.sql(`update team_member set state = 'removed' where id = $1`, [amber.manager]);
      await handler()({ marketId: amber.marketId, memberId, scheduleId: id }, run);
      assert.equal(mails().length, before);
      await portals.sql(`update team_member set state = 'active' where id = $1`, [amber.manager]);
    });

    it('another market neither sees nor ends it; an unknown, a foreign and a malformed id are alike', async () => {
      const { id } = await add();
      const stranger = await portals.signIn(partnerLogin('basil', 'manager'));
      assert.doesNotMatch((await stranger.get('/exports')).text, new RegExp(id));
      const answers = [];
      for (const each of [id, UNKNOWN, 'x']) {
        answers.push((await stranger.submit(`/exports/schedules/${each}/removal`, {})).status);
      }
      assert.deepEqual(answers, [404, 404, 404]);
      assert.equal((await portals.sql('select from export_schedule where id = $1', [id])).length, 1);
      const analyst = await portals.signIn(partnerLogin('amber', 'analyst'));
      await analyst.get('/exports');
      assert.equal((await analyst.submit(`/exports/schedules/${id}/removal`, {})).status, 403);
      assert.equal((await manager.submit(`/exports/schedules/${id}/removal`, {})).status, 303);
      assert.equal((await portals.sql('select from export_schedule where id = $1', [id])).length, 0);
    });

    it('ends with its member’s part in the market', async () => {
      const { id } = await add();
      await portals.sql('update export_schedule set member_id = $1 where id = $2', [amber.analyst, id]);
      const owner = await portals.signIn(partnerLogin('amber', 'owner'));
      await owner.get('/team');
      assert.equal((await owner.submit(`/team/${amber.analyst}/removal`, {})).status, 303);
      assert.equal((await portals.sql('select from export_schedule where id = $1', [id])).length, 0);
    });

    it('is one job a schedule, however often it is found due', async () => {
      const { id } = await add();
      await due(id);
      const { open, queue, clock } = portals.partner.deps;
      for (let times = 0; times < 2; times++)
        await dueExportsJob({ exports: open!.exports, queue, clock })({}, run);
      const jobs = await portals.sql('select from graphile_worker.jobs where key = $1', [
        `${EXPORT_JOB}:${id}`,
      ]);
      assert.equal(jobs.length, 1);
    });

    it('is due at six in the morning of the market, whatever its clock does', () => {
      const at = (cadence: 'daily' | 'weekly' | 'monthly', zone: string, now: string) =>
        nextSending(cadence, zone, new Date(now)).toISOString();
      assert.equal(at('daily', 'Asia/Riyadh', '2026-05-01T12:00:00Z'), '2026-05-02T03:00:00.000Z');
      assert.equal(at('daily', 'Asia/Riyadh', '2026-05-01T22:30:00Z'), '2026-05-03T03:00:00.000Z');
      assert.equal(at('weekly', 'Asia/Riyadh', '2026-05-04T12:00:00Z'), '2026-05-11T03:00:00.000Z');
      assert.equal(at('weekly', 'Asia/Riyadh', '2026-05-03T12:00:00Z'), '2026-05-04T03:00:00.000Z');
      assert.equal(at('monthly', 'Africa/Cairo', '2026-12-31T12:00:00Z'), '2027-01-01T04:00:00.000Z');
      // The night in which the clock is put forward.
      assert.equal(at('daily', 'Europe/Berlin', '2026-03-28T12:00:00Z'), '2026-03-29T04:00:00.000Z');
      assert.equal(at('daily', 'Asia/Kathmandu', '2026-03-28T12:00:00Z'), '2026-03-29T00:15:00.000Z');
    });
  });

  it('writes a large file at flat memory', async function () {
    this.timeout(60_000);
    await portals.sql(
      `insert into event_day (market_id, day, offer_id, branch_id, kind, events)
       select $1, '2026-06-01'::date + n / 1000, $2, gen_random_uuid(), 'view', 1 from generate_series(0, 99999) as n`,
      [amber.marketId, amber.liveOffer],
    );
    const { writeFile } = await import('../../../server/exports/export-file.ts');
    const { Writable } = await import('node:stream');
    let [bytes, rows, most] = [0, 0, 0];
    const out = new Writable({
      highWaterMark: 16_384,
      write(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        for (const byte of chunk) if (byte === 10) rows++;
        most = Math.max(most, out.writableLength);
        setImmediate(done);
      },
    });
    const wanted = { subject: 'figures', format: 'csv', from: '2026-06-01', to: '2026-12-01' } as const;
    await writeFile(portals.partner.deps.database.direct(partnerScope(amber)), 'Asia/Riyadh', wanted, out);
    assert.equal(rows, 100_001);
    assert.ok(bytes > 5_000_000);
    // What waits to be taken stays within a page of rows, however many there are.
    assert.ok(most < 2_000_000, String(most));
    await portals.sql(`delete from event_day where day > '2026-05-31'`);
  });
});
