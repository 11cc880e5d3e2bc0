import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { type ReadableConnection, readRow, readThrough } from '../../server/db/reader.ts';
import { Wire } from '../../server/db/wire.ts';

const value = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', 'سعر', 'Ünï', '🎉', 'a'.repeat(70_000), 'ـ'.repeat(200)),
);
const rows = fc.array(fc.array(value, { maxLength: 6 }), { maxLength: 12 });
/** NUL can't be in text, and lone surrogates are no text. */
const clean = (text: string | null) =>
  text === null ? null : Buffer.from(text.replaceAll('\0', '')).toString();

function message(code: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(code);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function dataRow(values: readonly (string | null)[]): Buffer {
  const count = Buffer.alloc(2);
  count.writeInt16BE(values.length);
  const fields = values.map((text) => {
    const bytes = Buffer.from(text ?? '');
    const length = Buffer.alloc(4);
    length.writeInt32BE(text === null ? -1 : bytes.length);
    return Buffer.concat([length, bytes]);
  });
  return message('D', Buffer.concat([count, ...fields]));
}

/** A connection whose parser keeps what reaches it, and whose sink takes rows while `taking`. */
function connect(taking: () => boolean) {
  const relayed: Buffer[] = [];
  const found: (string | null)[][] = [];
  const connection: ReadableConnection = {
    attachListeners: (stream) => void stream.on('data', (bytes: Buffer) => relayed.push(Buffer.from(bytes))),
    sink: { takesRows: taking, row: (bytes, start, end) => void found.push(readRow(bytes, start, end)) },
  };
  readThrough(connection);
  const stream = new EventEmitter();
  connection.attachListeners(stream);
  return { relayed, found, receive: (bytes: Buffer) => stream.emit('data', bytes) };
}

describe('reading answers', () => {
  it('finds the same rows however the bytes arrive, in a buffer that is used again', () => {
    fc.assert(
      fc.property(rows, fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (given, sizes) => {
        const wanted = given.map((row) => row.map(clean));
        const noise = message('C', Buffer.from('SELECT 1\0'));
        const bytes = Buffer.concat([noise, ...wanted.flatMap((row) => [dataRow(row), noise])]);
        const { relayed, found, receive } = connect(() => true);
        const reused = Buffer.alloc(500);
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const length = Math.min(sizes[turn % sizes.length]!, bytes.length - at);
          bytes.copy(reused, 0, at, at + length);
          receive(reused.subarray(0, length));
          reused.fill(0xee);
          at += length;
        }
        assert.deepEqual(found, wanted);
        assert.deepEqual(Buffer.concat(relayed), Buffer.concat(Array(wanted.length + 1).fill(noise)));
      }),
      { numRuns: 300 },
    );
  });

  it('leaves rows that nobody takes to the parser, in their place', () => {
    const [first, second] = [dataRow(['context']), dataRow(['row'])];
    const done = message('C', Buffer.from('SELECT 1\0'));
    let taking = false;
    const { relayed, found, receive } = connect(() => taking);
    receive(Buffer.concat([first, done]));
    taking = true;
    receive(Buffer.concat([second, done]));
    assert.deepEqual(Buffer.concat(relayed), Buffer.concat([first, done, done]));
    assert.deepEqual(found, [['row']]);
  });
});

describe('writing messages', () => {
  it('gives every message its true length, whatever is in it', () => {
    const text = fc.string({ unit: 'binary', maxLength: 50 }).map((one) => clean(one)!);
    const bytes = fc.uint8Array({ maxLength: 50 }).map((one) => Buffer.from(one));
    fc.assert(
      fc.property(text, fc.array(fc.oneof(text, bytes, fc.constant(null))), (sql, values) => {
        const sent = new Wire().parse('s', sql).bind('s', values).describe().execute().forget('s').take();
        const codes: string[] = [];
        for (let at = 0; at < sent.length; at += 1 + sent.readInt32BE(at + 1))
          codes.push(String.fromCharCode(sent[at]!));
        assert.equal(codes.join(''), 'PBDECS');
      }),
    );
  });

  it('refuses a NUL in SQL and more parameters than a message can hold', () => {
    assert.throws(() => new Wire().parse('', 'select 1\0; drop table offer'), TypeError);
    assert.throws(() => new Wire().bind('', Array(65_536).fill(null)), RangeError);
  });
});
