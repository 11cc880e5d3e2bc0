import { keyId } from '../../../server/public/publishable-key.ts';
import { BASIL_CODES, BASIL_FIGURES } from './arrange.ts';
import { type Answer, addressOf } from './ask.ts';
import type { Sent } from './attacks.ts';
import type { Ids } from './ids.ts';

/** Differ with each answer, or with the length of what was sent. */
const IGNORED = new Set([
  'date',
  'content-length',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'x-request-id',
  // What is left of an allowance goes down with each request.
  'ratelimit',
]);
const ANY_KEY = /pk_live_[0-9A-Za-z]{28}/g;
const ANY_UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** What an answer says, without what is new in every answer and without the id that was sent. */
export function essence(answer: Answer, { ask, id }: Pick<Sent, 'ask' | 'id'>, ids: Ids): string {
  const plain = (text: string) => withoutNoise(withoutSent(text, addressOf(ask), id), ids);
  const headers = Object.entries(answer.headers)
    .filter(([name]) => !IGNORED.has(name))
    .map(([name, value]) => `${name}: ${plain(String(value))}`)
    .sort();
  return [String(answer.status), ...headers, '', plain(answer.text)].join('\n');
}

function withoutSent(text: string, address: string, id: string): string {
  const sent = [address, address.split('?')[0] ?? address, id, decodeURIComponent(id)];
  const forms = sent.flatMap((each) => [
    each,
    encodeURIComponent(each),
    escaped(each),
    JSON.stringify(each).slice(1, -1),
  ]);
  return [...new Set(forms)]
    .sort((one, other) => other.length - one.length)
    .filter((form) => form.length > 3)
    .reduce((left, form) => left.replaceAll(form, '{sent}'), text);
}

function withoutNoise(text: string, ids: Ids): string {
  return (
    text
      .replace(/[0-9a-f]{64}\.[0-9a-f]{64}/g, '{csrf}')
      .replace(/nonce(="|-)[\w+/=-]+/g, 'nonce{}')
      .replace(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, '{token}')
      // A key is an id in another spelling.
      .replace(ANY_KEY, (key) => (ids.known.has(keyId(key) ?? '') ? key : '{key}'))
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '{time}')
      // A claim's code is drawn anew, and so is its picture; a device's pairing code too.
      .replace(
        /(?<![\w-])[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}(?![\w-])/g,
        '{code}',
      )
      .replace(/#pair=\w+/g, '#pair={code}')
      .replace(/\b[0-9A-HJKMNP-TV-Z]{8}\b/g, '{code}')
      .replace(/"path":"[^"]*"/g, '{qr}')
      .replace(/(<svg class="qr"[^>]*><path d=")[^"]*/g, '$1{qr}')
      .replace(/expires=[^;,]+, [^;,]+/gi, '{expires}')
      .replace(ANY_UUID, (uuid) => (ids.known.has(uuid) ? uuid : '{uuid}'))
  );
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');

/** Whatever an answer holds of the other market, apart from the id that was sent to it. */
export function leaksIn(answer: Answer, ids: Ids, sentId?: string): string[] {
  const whole = `${JSON.stringify(answer.headers)}\n${answer.text}`;
  const text = sentId ? whole.replaceAll(sentId, '') : whole;
  const found = ['marker-basil', ...BASIL_CODES, ...BASIL_FIGURES].filter((marker) => text.includes(marker));
  const spelled = (text.match(ANY_KEY) ?? []).map((key) => keyId(key) ?? '');
  return [...found, ...[...(text.match(ANY_UUID) ?? []), ...spelled].filter((id) => ids.basil.has(id))];
}

/** The first place where two essences part. */
export function difference(one: string, other: string): string {
  const [left, right] = [one.split('\n'), other.split('\n')];
  const at = left.findIndex((line, index) => line !== right[index]);
  const index = at < 0 ? left.length : at;
  return `${(left[index] ?? '(nothing)').trim().slice(0, 160)} ≠ ${(right[index] ?? '(nothing)').trim().slice(0, 160)}`;
}
