import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { SMTPServer } from 'smtp-server';
import { loadMessages } from '../../server/i18n/i18n.ts';
import { createMailer } from '../../server/mail/mailer.ts';
import { messages, views } from '../../server/paths.ts';

describe('Mail by SMTP', () => {
  const received: string[] = [];
  let server: SMTPServer;

  const mailerAt = (url: string) =>
    createMailer({
      mail: { url, mailboxDir: '/nonexistent' },
      messages: loadMessages(messages),
      views,
      publicHost: 'partner.example.com',
      logger: pino({ level: 'silent' }),
      clock: () => new Date(),
    });

  before(async () => {
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, session, done) => {
        let text = `To: ${session.envelope.rcptTo.map(({ address }) => address)}\n`;
        stream.on('data', (chunk) => (text += chunk));
        stream.on('end', () => {
          received.push(text);
          done();
        });
      },
    });
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
  });
  after(() => new Promise<void>((resolve) => server.close(() => resolve())));

  const letter = {
    to: 'somebody@example.com',
    locale: 'en',
    letter: 'invitation',
    values: { name: 'Demo person', market: 'Corner\r\nBcc: thief@example.com' },
    link: 'https://partner.example.com/invitations/secret',
  } as const;

  it('leaves the house once MAIL_URL is set, and a name can’t add a recipient', async () => {
    const mailer = mailerAt(`smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`);
    assert.equal(mailer.mailbox, null);
    await mailer.send(letter);
    assert.equal(received.length, 1);
    assert.match(received[0]!, /^To: somebody@example\.com\n/);
    assert.match(received[0]!, /invitations\/secret/);
    assert.doesNotMatch(received[0]!.split('\r\n\r\n')[0]!, /^Bcc:/im);
  });

  it('tells when the server is not there', async () => {
    await assert.rejects(mailerAt('smtp://127.0.0.1:1').send(letter));
  });
});
