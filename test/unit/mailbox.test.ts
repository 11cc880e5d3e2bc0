import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { loadMessages } from '../../server/i18n/i18n.ts';
import { createMailer, type LetterName } from '../../server/mail/mailer.ts';
import { messages, views } from '../../server/paths.ts';

describe('mail', () => {
  const home = mkdtempSync(join(tmpdir(), 'bulkhead-mail-'));
  const mailboxDir = join(home, 'mailbox');
  const mailer = createMailer({
    ...{
      mail: { url: undefined, mailboxDir },
      messages: loadMessages(messages),
      views,
      publicHost: 'localhost',
    },
    ...{ logger: pino({ level: 'silent' }), clock: () => new Date() },
  });
  const values = { name: 'Noura <b>', market: 'Oud & Co\r\nBcc: x@evil.example' };
  after(() => rmSync(home, { recursive: true, force: true }));

  it('lies in a folder that only this user can enter, in files that only this user can read', async () => {
    await mailer.send({
      to: 'a@example.test',
      locale: 'en',
      letter: 'invitation',
      values,
      link: 'http://localhost/x',
    });
    assert.equal(statSync(mailboxDir).mode & 0o777, 0o700);
    for (const name of readdirSync(mailboxDir))
      assert.equal(statSync(join(mailboxDir, name)).mode & 0o777, 0o600);
  });

  for (const locale of ['en', 'ar'] as const) {
    for (const letter of [
      'invitation',
      'staffInvitation',
      'passwordReset',
      'passwordChanged',
    ] satisfies LetterName[]) {
      it(`${letter} in ${locale}: words in place, link in text and HTML, nothing injected`, async () => {
        await mailer.send({
          to: 'b@example.test',
          locale,
          letter,
          values,
          link: 'http://localhost/link?a=1&b=2',
        });
        const [mail] = await mailer.mailbox!.list(1);
        assert.ok(mail!.text.includes('http://localhost/link?a=1&b=2'));
        assert.ok(mail!.html.includes('href="http://localhost/link?a=1&amp;b=2"'));
        assert.ok(!/[\r\n]/.test(mail!.subject));
        assert.ok(!mail!.html.includes('<b>'));
        assert.ok(!/mail:[a-z]|\{\{/.test(mail!.text + mail!.subject), 'every word has its message');
        if (locale === 'ar') assert.match(mail!.subject, /[\u0600-\u06ff]/);
      });
    }
  }

  it('reads no other file', async () => {
    writeFileSync(join(home, 'secret.json'), '{"id":"x"}');
    writeFileSync(join(mailboxDir, 'note.json'), '{"id":"x"}');
    for (const id of ['../secret', '..%2fsecret', 'note', '', '.', '/etc/passwd'])
      assert.equal(await mailer.mailbox!.read(id), null);
  });

  it('a broken file hides no other', async () => {
    writeFileSync(join(mailboxDir, '20260101T000000000Z-00000000-0000-7000-8000-000000000000.json'), '{');
    assert.ok((await mailer.mailbox!.list()).length >= 9);
  });
});
