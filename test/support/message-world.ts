import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { createDatabase, type Database } from '../../server/db/client.ts';
import { sql as statement } from '../../server/db/direct.ts';
import { withClient } from '../../server/db/setup/connect.ts';
import { loadMessages } from '../../server/i18n/i18n.ts';
import { messageJob } from '../../server/jobs/messages.job.ts';
import { createChannels } from '../../server/messages/channels.ts';
import { messages, root } from '../../server/paths.ts';
import { superuserPool, type TestDatabase, testDatabase } from './database.ts';
import { clearMessages } from './messages.ts';
import { insertTwoMarkets, type MarketFixture, partnerScope } from './two-markets.ts';
import { startWhatsApp, type WhatsAppServer } from './whatsapp-server.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A database with two markets, the messenger's job, and a provider on this machine. */
export interface MessageWorld {
  readonly database: TestDatabase;
  readonly partner: Database;
  readonly open: Database;
  readonly whatsApp: WhatsAppServer;
  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  draft(market: MarketFixture, channels?: readonly string[]): Promise<string>;
  confirm(market: MarketFixture, id: string): Promise<void>;
  /** A campaign that a manager has drafted and confirmed, to be sent now. */
  campaign(market: MarketFixture, channels?: readonly string[]): Promise<string>;
  /** Runs the job as the queue would, once. `lostAfter` in seconds. */
  run(
    market: MarketFixture,
    campaignId: string,
    options?: { lostAfter?: number; signal?: AbortSignal },
  ): Promise<void>;
  /** What a pause would wait for is over. */
  resume(campaignId: string): Promise<void>;
  close(): Promise<void>;
}

export async function messageWorld(): Promise<MessageWorld> {
  const database = await testDatabase();
  await withClient(database.superuserUrl, insertTwoMarkets);
  const superuser = superuserPool(database, 3);
  const sql: MessageWorld['sql'] = async (text, values = []) => (await superuser.query(text, values)).rows;
  await clearMessages(sql);
  const partner = createDatabase({
    url: database.url('bulkhead_partner'),
    key: database.contextKeys.partner[0]!,
  });
  const open = createDatabase({ url: database.url('bulkhead_public'), key: database.contextKeys.public[0]! });
  const whatsApp = await startWhatsApp();
  const mailer = { send: async () => {} };
  const channels = createChannels({
    mailer,
    publicUrl: 'https://market.example',
    whatsApp: whatsApp.settings,
  });
  const draft = async (market: MarketFixture, ways: readonly string[] = ['whatsapp']) => {
    const id = uuid();
    await sql(
      'insert into message_campaign (market_id, id, offer_id, channels, member_id) values ($1, $2, $3, $4, $5)',
      [market.marketId, id, market.liveOffer, ways, market.manager],
    );
    return id;
  };
  const confirm = async (market: MarketFixture, id: string) => {
    await partner
      .direct(partnerScope(market))
      .rows(statement`select app.confirm_messages(${id}::uuid, null, null)::int`);
  };
  return {
    ...{ database, partner, open, whatsApp, sql },
    ...{ draft, confirm },
    campaign: async (market, ways) => {
      const id = await draft(market, ways);
      await confirm(market, id);
      return id;
    },
    run: async ({ marketId }, campaignId, { lostAfter, signal = new AbortController().signal } = {}) => {
      const tools = { database: partner, open, channels, messages: loadMessages(messages), logger: quiet };
      const job = messageJob({ ...tools, ...(lostAfter === undefined ? {} : { lostAfter }) });
      await job({ marketId, campaignId }, { attempt: 1, isLastAttempt: false, signal });
    },
    resume: async (campaignId) => {
      await sql('update message_campaign set resume_at = null where id = $1', [campaignId]);
      await sql(
        `update message_recipient set attempted_at = attempted_at - interval '1 hour' where campaign_id = $1`,
        [campaignId],
      );
    },
    close: async () => {
      await Promise.all([partner.close(), open.close(), whatsApp.close(), superuser.end()]);
      await database.drop();
    },
  };
}

/** The job in a process of its own, which tells when it is about to begin. */
export function spawnSender(
  { database, whatsApp }: MessageWorld,
  payload: { marketId: string; campaignId: string },
) {
  const file = (path: string) => JSON.stringify(join(root, path));
  const script = `
    import { createDatabase } from ${file('server/db/client.ts')};
    import { loadMessages } from ${file('server/i18n/i18n.ts')};
    import { messageJob } from ${file('server/jobs/messages.job.ts')};
    import { createChannels } from ${file('server/messages/channels.ts')};
    import { messages } from ${file('server/paths.ts')};
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const { url, openUrl, key, openKey, whatsApp, payload } = JSON.parse(process.env.SENDER);
    const made = (url, key) => createDatabase({ url, key: { ...key, key: Buffer.from(key.key, 'base64') } });
    const channels = createChannels({ mailer: { send: async () => {} }, publicUrl: 'https://market.example', whatsApp });
    const job = messageJob({ database: made(url, key), open: made(openUrl, openKey), channels, messages: loadMessages(messages), logger: log });
    process.send('ready');
    await job(payload, { attempt: 1, isLastAttempt: false, signal: new AbortController().signal });
    process.send('done');
    process.exit(0);`;
  const carried = (key: { kid: string; key: Buffer; bindsPid: boolean }) => ({
    ...key,
    key: key.key.toString('base64'),
  });
  const told = {
    ...{ url: database.url('bulkhead_partner'), openUrl: database.url('bulkhead_public') },
    ...{ key: carried(database.contextKeys.partner[0]!), openKey: carried(database.contextKeys.public[0]!) },
    ...{ whatsApp: whatsApp.settings, payload },
  };
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    ...{ cwd: root, env: { ...process.env, SENDER: JSON.stringify(told) } },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}
