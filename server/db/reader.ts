import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';

/** Whoever takes rows as they lie in the receive buffer. */
export interface RowSink {
  /** Whether the next row is its own; asked for each, because messages in front of it decide. */
  takesRows(): boolean;
  row(bytes: Buffer, start: number, end: number): void;
}

/** The parts of `pg`'s connection that reading hangs on. */
export interface ReadableConnection {
  attachListeners(stream: EventEmitter): void;
  sink?: RowSink;
}

const DATA_ROW = 68;
const HEADER = 5;

type Receive = (bytes: Buffer) => void;
/** A socket that reads into one buffer of its own instead of allocating 64 kB for each answer. */
interface ReusingSocket extends Socket {
  receive?: Receive;
}

/** For `pg`'s `stream` setting. TLS is negotiated over `data` events, which such a socket has not. */
export function createSocket({ ssl }: { ssl?: unknown }): Socket {
  if (ssl) return new Socket();
  const buffer = Buffer.allocUnsafe(65_536);
  const onread = {
    buffer,
    callback(length: number): boolean {
      socket.receive?.(buffer.subarray(0, length));
      return true;
    },
  };
  const socket: ReusingSocket = new Socket({ onread } as object);
  return socket;
}

/**
 * Splits what arrives into whole messages: rows go straight to the sink, everything else to `pg`'s own
 * parser. Nothing here keeps the received buffer beyond the call.
 */
class Reader {
  private readonly connection: ReadableConnection;
  private readonly relay: (bytes: Buffer) => void;
  private rest: Buffer[] = [];
  private held = 0;
  private needed = 0;

  constructor(connection: ReadableConnection, relay: (bytes: Buffer) => void) {
    this.connection = connection;
    this.relay = relay;
  }

  receive(chunk: Buffer): void {
    if (this.held === 0) {
      this.split(chunk);
      return;
    }
    this.rest.push(Buffer.from(chunk));
    this.held += chunk.length;
    if (this.held < this.needed) return;
    const whole = Buffer.concat(this.rest, this.held);
    this.rest = [];
    this.held = 0;
    this.split(whole);
  }

  private split(bytes: Buffer): void {
    let from = 0;
    let at = 0;
    let needed = HEADER;
    while (at + HEADER <= bytes.length) {
      const end = at + 1 + bytes.readInt32BE(at + 1);
      needed = end - at;
      if (end > bytes.length) break;
      if (bytes[at] === DATA_ROW) {
        if (from < at) this.relay(bytes.subarray(from, at));
        from = at;
        if (this.connection.sink?.takesRows()) {
          this.connection.sink.row(bytes, at + HEADER, end);
          from = end;
        }
      }
      at = end;
      needed = HEADER;
    }
    if (from < at) this.relay(bytes.subarray(from, at));
    if (at < bytes.length) this.hold(bytes.subarray(at), needed);
  }

  private hold(bytes: Buffer, needed: number): void {
    this.rest = [Buffer.from(bytes)];
    this.held = bytes.length;
    this.needed = needed;
  }
}

/** Puts a reader between a connection's stream and `pg`'s parser, when the stream is there. */
export function readThrough(connection: ReadableConnection): void {
  const attach = connection.attachListeners.bind(connection);
  connection.attachListeners = (stream) => {
    const relayed = new EventEmitter();
    attach(relayed);
    const reader = new Reader(connection, (bytes) => void relayed.emit('data', bytes));
    (stream as ReusingSocket).receive = (bytes) => reader.receive(bytes);
    stream.on('data', (bytes: Buffer) => reader.receive(bytes));
  };
}

/** Node's own decoders, without the checks of `toString`. */
interface Sliceable extends Buffer {
  latin1Slice(from: number, to: number): string;
  utf8Slice(from: number, to: number): string;
}

/**
 * Column values of one row, in text format. Text without a byte above 127 is cut out of one decoded string;
 * decoding each value by itself costs more than all the rest of reading a row.
 */
export function readRow(buffer: Buffer, start: number, end: number): (string | null)[] {
  const bytes = buffer as Sliceable;
  const count = bytes.readInt16BE(start);
  const row = new Array<string | null>(count);
  const text = bytes.latin1Slice(start, end);
  let at = start + 2;
  for (let column = 0; column < count; column++) {
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length < 0) {
      row[column] = null;
      continue;
    }
    const next = at + length;
    row[column] = isAscii(bytes, at, next)
      ? text.substring(at - start, next - start)
      : bytes.utf8Slice(at, next);
    at = next;
  }
  return row;
}

function isAscii(bytes: Buffer, from: number, to: number): boolean {
  let all = 0;
  for (let at = from; at < to; at++) all |= bytes[at]!;
  return all < 128;
}
