import { Agent, request } from 'node:http';

export type Pairs = readonly (readonly [string, string])[];

export interface Upload {
  readonly name: string;
  readonly fileName: string;
  readonly type: string;
  readonly bytes: Buffer;
}

export type Body =
  | { readonly kind: 'form'; readonly fields: Pairs }
  | { readonly kind: 'multipart'; readonly fields: Pairs; readonly files: readonly Upload[] }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'raw'; readonly type: string; readonly bytes: Buffer };

/** One request as data, so that it can be changed in one place and sent again. */
export interface Ask {
  readonly method: string;
  readonly path: string;
  readonly query?: Pairs;
  readonly body?: Body;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

/** Sends exactly what is asked; follows nothing, keeps nothing. */
export function send(url: string, ask: Ask, headers: Record<string, string> = {}): Promise<Answer> {
  const { type, bytes } = encode(ask.body);
  const all = {
    ...(bytes ? { 'Content-Type': type, 'Content-Length': String(bytes.length) } : {}),
    ...headers,
    ...ask.headers,
  };
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, agent, method: ask.method, path: addressOf(ask), headers: all },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    sent.once('error', (error: NodeJS.ErrnoException) => {
      // The server has closed a connection that was idle, just when it was taken again: Node's documentation of
      // `reusedSocket` says to ask once more.
      if (sent.reusedSocket && error.code === 'ECONNRESET') resolve(send(url, ask, headers));
      else reject(error);
    });
    sent.end(bytes);
  });
}

export function addressOf({ path, query = [] }: Ask): string {
  return query.length > 0 ? `${path}?${urlencoded(query)}` : path;
}

export function urlencoded(pairs: Pairs): string {
  return pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
}

const BOUNDARY = '----bulkhead-crawler-7f3a';

function encode(body: Body | undefined): { type: string; bytes?: Buffer } {
  switch (body?.kind) {
    case undefined:
      return { type: '' };
    case 'form':
      return { type: 'application/x-www-form-urlencoded', bytes: Buffer.from(urlencoded(body.fields)) };
    case 'json':
      return { type: 'application/json', bytes: Buffer.from(JSON.stringify(body.value)) };
    case 'multipart':
      return { type: `multipart/form-data; boundary=${BOUNDARY}`, bytes: multipart(body.fields, body.files) };
    case 'raw':
      return body;
  }
}

function multipart(fields: Pairs, files: readonly Upload[]): Buffer {
  const head = (disposition: string, type = '') =>
    `--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n${type && `Content-Type: ${type}\r\n`}\r\n`;
  return Buffer.concat([
    ...fields.map(([name, value]) => Buffer.from(`${head(`name="${name}"`)}${value}\r\n`)),
    ...files.flatMap(({ name, fileName, type, bytes }) => [
      Buffer.from(head(`name="${name}"; filename="${fileName}"`, type)),
      bytes,
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${BOUNDARY}--\r\n`),
  ]);
}
