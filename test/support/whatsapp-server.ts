import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WhatsAppSettings } from '../../server/messages/whatsapp-channel.ts';

/** A message as the server took it in. */
export interface TakenMessage {
  readonly id: string;
  readonly to: string;
  readonly callback: string;
  readonly template: { name: string; language: { code: string }; components: readonly object[] };
}

/** How the server answers the next request to a number: as its documentation says, or not at all. */
export type Behaviour =
  | { readonly error: number; readonly status: number; readonly retryAfter?: number }
  /** Takes the message in, then breaks the connection instead of answering. */
  | 'break'
  /** Takes it in and never answers. */
  | 'hang'
  /** A page of something in between. */
  | 'gateway';

export interface WhatsAppServer {
  readonly settings: WhatsAppSettings;
  readonly taken: TakenMessage[];
  /** Number without `+` → what happens, once each, in order; `*` for any number. */
  readonly behaviours: Map<string, Behaviour[]>;
  /** What a notification about a message looks like, signed with the app's secret. */
  notification(message: TakenMessage, status: string, changes?: object): { body: string; signature: string };
  close(): Promise<void>;
}

const TITLES: Record<number, string> = {
  190: 'Access token has expired',
  80007: 'Rate limit issues',
  130429: 'Rate limit hit',
  131009: 'Parameter value is not valid',
  131026: 'Message undeliverable',
};

/** A local server that behaves as the Cloud API's documentation says of `POST /<phone id>/messages`. */
export async function startWhatsApp(): Promise<WhatsAppServer> {
  const taken: TakenMessage[] = [];
  const behaviours = new Map<string, Behaviour[]>();
  const secrets = {
    token: 'token-of-a-system-user',
    appSecret: 'secret-of-an-app',
    verifyToken: 'verify-me',
  };
  const phoneId = '106540352242922';
  const server = createServer((req, res) => {
    void answer(req, res).catch(() => res.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const settings: WhatsAppSettings = {
    ...{ ...secrets, phoneId, template: 'bulkhead_offer' },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v23.0`,
  };

  const refuse = (res: ServerResponse, status: number, code: number, retryAfter?: number) => {
    if (retryAfter) res.setHeader('Retry-After', retryAfter);
    const message = `(#${code}) ${TITLES[code] ?? 'Something went wrong'}`;
    const details = { messaging_product: 'whatsapp', details: TITLES[code] ?? '' };
    res.writeHead(status, { 'Content-Type': 'application/json' });
    res.end(
      JSON.stringify({
        error: { message, type: 'OAuthException', code, error_data: details, fbtrace_id: 'A1' },
      }),
    );
  };

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    if (req.headers.authorization !== `Bearer ${secrets.token}`) return refuse(res, 401, 190);
    if (req.method !== 'POST' || req.url !== `/v23.0/${phoneId}/messages`) return refuse(res, 404, 100);
    const asked = JSON.parse(Buffer.concat(chunks).toString());
    if (asked.messaging_product !== 'whatsapp' || asked.type !== 'template') return refuse(res, 400, 100);
    const behaviour = next(behaviours, asked.to);
    if (typeof behaviour === 'object')
      return refuse(res, behaviour.status, behaviour.error, behaviour.retryAfter);
    const id = `wamid.${Buffer.from(`${asked.to}${randomBytes(12).toString('hex')}`).toString('base64')}`;
    taken.push({ id, to: asked.to, callback: asked.biz_opaque_callback_data, template: asked.template });
    if (behaviour === 'break') return void res.destroy();
    if (behaviour === 'hang') return;
    if (behaviour === 'gateway') return void res.writeHead(502).end('<html>Bad gateway</html>');
    res.writeHead(200, { 'Content-Type': 'application/json' });
    const contacts = [{ input: asked.to, wa_id: asked.to }];
    res.end(
      JSON.stringify({
        messaging_product: 'whatsapp',
        contacts,
        messages: [{ id, message_status: 'accepted' }],
      }),
    );
  }

  return {
    ...{ settings, taken, behaviours },
    notification: (message, status, changes = {}) => {
      const value = {
        messaging_product: 'whatsapp',
        metadata: { display_phone_number: '15550783881', phone_number_id: phoneId },
        statuses: [
          {
            ...{
              id: message.id,
              status,
              timestamp: String(Math.floor(Date.now() / 1000)),
              recipient_id: message.to,
            },
            ...{ biz_opaque_callback_data: message.callback, ...changes },
          },
        ],
      };
      const body = JSON.stringify({
        object: 'whatsapp_business_account',
        entry: [{ id: '102290129340398', changes: [{ value, field: 'messages' }] }],
      });
      return {
        body,
        signature: `sha256=${createHmac('sha256', secrets.appSecret).update(body).digest('hex')}`,
      };
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function next(behaviours: Map<string, Behaviour[]>, to: string): Behaviour | undefined {
  return behaviours.get(to)?.shift() ?? behaviours.get('*')?.shift();
}
