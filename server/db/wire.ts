/** A parameter as PostgreSQL's Bind takes it: text, bytes (sent in binary format) or NULL. */
export type WireValue = string | Buffer | null;

const MAX_PARAMETERS = 65_535;

/** `Execute` of the unnamed portal, all rows; `Sync`; `Describe` of the unnamed portal. */
const EXECUTE = Buffer.from([69, 0, 0, 0, 9, 0, 0, 0, 0, 0]);
const SYNC = Buffer.from([83, 0, 0, 0, 4]);
const DESCRIBE = Buffer.from([68, 0, 0, 0, 6, 80, 0]);

/** Builds frontend messages of the extended protocol one behind the other, in one buffer. */
export class Wire {
  private buffer = Buffer.allocUnsafe(16_384);
  private length = 0;

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + bytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }

  private open(code: number): number {
    this.reserve(5);
    this.buffer[this.length] = code;
    this.length += 5;
    return this.length - 4;
  }

  private close(start: number): this {
    this.buffer.writeInt32BE(this.length - start, start);
    return this;
  }

  private int16(value: number): void {
    this.reserve(2);
    this.buffer[this.length++] = value >>> 8;
    this.buffer[this.length++] = value & 255;
  }

  private cstring(text: string): void {
    this.reserve(text.length * 3 + 1);
    this.length += this.buffer.write(text, this.length, 'utf8');
    this.buffer[this.length++] = 0;
  }

  private value(value: WireValue): void {
    const text = typeof value === 'string';
    this.reserve(4 + (value === null ? 0 : text ? value.length * 3 : value.length));
    const start = this.length;
    this.length += 4;
    if (value === null) {
      this.buffer.writeInt32BE(-1, start);
      return;
    }
    const bytes = text ? this.buffer.write(value, this.length, 'utf8') : value.copy(this.buffer, this.length);
    this.length += bytes;
    this.buffer.writeInt32BE(bytes, start);
  }

  private literal(bytes: Buffer): this {
    this.reserve(bytes.length);
    this.length += bytes.copy(this.buffer, this.length);
    return this;
  }

  /** A NUL inside the text would end it early and leave the rest to be read as something else. */
  parse(name: string, sql: string): this {
    if (sql.includes('\0')) throw new TypeError('SQL text holds a NUL character');
    const start = this.open(80);
    this.cstring(name);
    this.cstring(sql);
    this.int16(0);
    return this.close(start);
  }

  bind(name: string, values: readonly WireValue[]): this {
    if (values.length > MAX_PARAMETERS) throw new RangeError('A statement takes at most 65535 parameters');
    const start = this.open(66);
    this.cstring('');
    this.cstring(name);
    const binary = values.some((value) => value instanceof Buffer);
    this.int16(binary ? values.length : 0);
    if (binary) for (const value of values) this.int16(value instanceof Buffer ? 1 : 0);
    this.int16(values.length);
    for (const value of values) this.value(value);
    this.int16(0);
    return this.close(start);
  }

  /** Forgets a prepared statement; one that does not exist is no error. */
  forget(name: string): this {
    const start = this.open(67);
    this.reserve(1);
    this.buffer[this.length++] = 83;
    this.cstring(name);
    return this.close(start);
  }

  describe(): this {
    return this.literal(DESCRIBE);
  }

  execute(): this {
    return this.literal(EXECUTE);
  }

  /** A statement without parameters, parsed, bound and executed unnamed. */
  run(sql: string): this {
    return this.parse('', sql).bind('', []).execute();
  }

  /** Starts over: what a batch that failed half-way left behind must not be sent with the next one. */
  clear(): this {
    this.length = 0;
    return this;
  }

  /** The messages so far and a Sync, as a buffer of their own. */
  take(): Buffer {
    this.literal(SYNC);
    const message = Buffer.from(this.buffer.subarray(0, this.length));
    this.length = 0;
    if (this.buffer.length > 1_048_576) this.buffer = Buffer.allocUnsafe(16_384);
    return message;
  }
}
