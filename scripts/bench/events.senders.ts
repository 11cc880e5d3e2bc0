import { connect, type Socket } from 'node:net';
import type pg from 'pg';
import { keyText } from '../../server/public/publishable-key.ts';
import { marketId } from './bench.database.ts';
import { keyIdOf, offerIdOf } from './events.database.ts';

/** Sends so many events of one market, and comes back when they are durable. One at a time a sender. */
export interface Sender {
  send(market: number, count: number): Promise<void>;
  close(): Promise<void>;
}

let made = 0;
/** Ids of now, unlike any other, without a random number each. */
function nextId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  const number = (made++).toString(16).padStart(11, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${process.pid.toString(16).padStart(3, '0').slice(-3)}-8000-0${number}`;
}

const statements = new Map<number, string>();
function insertOf(count: number): string {
  const known = statements.get(count);
  if (known) return known;
  const row = (_: unknown, at: number) =>
    `(${[1, 2, 3, 4].map((place) => `$${at * 4 + place}`).join(', ')}, 'view')`;
  const rows = Array.from({ length: count }, row).join(', ');
  const text = `insert into offer_event (market_id, id, offer_id, occurred_at, kind) values ${rows} on conflict do nothing`;
  statements.set(count, text);
  return text;
}

/** A multi-row INSERT by `pg`: a named statement, no scope, no check of anything that the table itself does not check. */
export function rawSender(pool: pg.Pool): Sender {
  return {
    send: async (market, count) => {
      const values: unknown[] = [];
      for (let at = 0; at < count; at++) {
        const id = nextId();
        const instant = new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toISOString();
        values.push(marketId(market), id, offerIdOf(market, at), instant);
      }
      const { rowCount } = await pool.query({ name: `rows-${count}`, text: insertOf(count), values });
      if (rowCount !== count) throw new Error(`${rowCount} of ${count} written`);
    },
    close: async () => {},
  };
}

/** HTTP by hand over one kept connection: a client that computes much would be measured with the rest. */
export async function httpSender(port: number): Promise<Sender> {
  const socket = await new Promise<Socket>((resolve) => {
    const made = connect(port, '127.0.0.1', () => resolve(made));
  });
  socket.setNoDelay(true);
  let answered: (text: string) => void = () => {};
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
    const head = text.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
    if (text.length < head + 4 + length) return;
    const whole = text;
    text = '';
    answered(whole);
  });
  return {
    send: (market, count) =>
      new Promise((resolve, reject) => {
        let events = '';
        for (let at = 0; at < count; at++) {
          events += `${at === 0 ? '' : ','}{"id":"${nextId()}","kind":"view","offerId":"${offerIdOf(market, at)}"}`;
        }
        const body = `{"events":[${events}]}`;
        answered = (answer) => {
          if (answer.startsWith('HTTP/1.1 202') && answer.includes(`{"accepted":${count},`)) resolve();
          else reject(new Error(answer.slice(answer.indexOf('\r\n\r\n'))));
        };
        socket.write(
          `POST /public/v1/events HTTP/1.1\r\nHost: localhost\r\nUser-Agent: ${AGENT}\r\nBulkhead-Key: ${keyText(keyIdOf(market))}\r\n` +
            `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        );
      }),
    close: async () => void socket.destroy(),
  };
}

const AGENT = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';
