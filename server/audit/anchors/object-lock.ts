import { createHash, createHmac } from 'node:crypto';
import type { AnchorStore } from '../audit.settings.ts';

const DAY = 86_400_000;
const TRIES = 3;

/** A copy that stays for so many days whoever asks: an object of S3's kind, locked in compliance mode. @throws when it is refused */
export async function storeAnchor(store: AnchorStore, key: string, body: string, now: Date): Promise<void> {
  const url = new URL(`${store.url}/${store.bucket}/${key}`);
  const headers = signedHeaders(store, url, body, now);
  for (let tries = 1; ; tries++) {
    const failure = await put(url, headers, body);
    if (failure === null) return;
    if (tries === TRIES) throw new Error(failure);
  }
}

async function put(url: URL, headers: Record<string, string>, body: string): Promise<string | null> {
  try {
    const answer = await fetch(url, { method: 'PUT', headers, body, signal: AbortSignal.timeout(10_000) });
    await answer.body?.cancel();
    return answer.ok ? null : `The object store answered ${answer.status}`;
  } catch (error) {
    return `The object store does not answer: ${(error as Error).message}`;
  }
}

/** Signature version 4 over method, path, all headers and the body. */
function signedHeaders(store: AnchorStore, url: URL, body: string, now: Date): Record<string, string> {
  const instant = `${now.toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`;
  const digest = sha256(body);
  const headers: Record<string, string> = {
    'content-md5': createHash('md5').update(body).digest('base64'),
    'content-type': 'application/json',
    host: url.host,
    'x-amz-content-sha256': digest.toString('hex'),
    'x-amz-date': instant,
    'x-amz-object-lock-mode': 'COMPLIANCE',
    'x-amz-object-lock-retain-until-date': new Date(now.getTime() + store.lockDays * DAY).toISOString(),
  };
  const names = Object.keys(headers).sort();
  const canonical = [
    ...['PUT', url.pathname, ''],
    ...names.map((name) => `${name}:${headers[name]}`),
    ...['', names.join(';'), digest.toString('hex')],
  ].join('\n');
  const scope = `${instant.slice(0, 8)}/${store.region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', instant, scope, sha256(canonical).toString('hex')].join('\n');
  const signature = signingKey(store, instant.slice(0, 8)).update(toSign).digest('hex');
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${store.keyId}/${scope}, ` +
    `SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...headers, authorization };
}

function signingKey({ secret, region }: AnchorStore, day: string) {
  const derived = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    `AWS4${secret}`,
  );
  return createHmac('sha256', derived);
}

const sha256 = (text: string) => createHash('sha256').update(text).digest();
