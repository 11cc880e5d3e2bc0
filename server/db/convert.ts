import { createRequire } from 'node:module';
import type { PrismaPg } from '@prisma/adapter-pg';
import {
  type ArgType,
  type ColumnType,
  ColumnTypeEnum,
  type SqlQuery,
  type SqlResultSet,
} from '@prisma/driver-adapter-utils';
import type { Field } from './batch.ts';

import type { WireValue } from './wire.ts';

type Parse = ((value: string) => unknown) | null;
interface Column {
  readonly type: ColumnType;
  /** Null when the text is the value. */
  readonly parse: Parse;
}

interface QueryConfig {
  values: unknown[];
  types: { getTypeParser(oid: number, format: 'text'): (value: string) => unknown };
}

/** The parts of adapter-pg's queryable that its type declarations keep to themselves. */
interface StockQueryable {
  performIO(query: SqlQuery): Promise<unknown>;
  queryRaw(query: SqlQuery): Promise<SqlResultSet>;
  onError(error: unknown): never;
}

/** What statement results are made of: names, types and one converter per column. */
export interface Shape {
  readonly columnNames: string[];
  readonly columnTypes: ColumnType[];
  readonly parsers: Parse[];
}

export const { prepareValue } = createRequire(import.meta.url)('pg/lib/utils.js') as {
  prepareValue(value: unknown): WireValue;
};

const text = { type: ColumnTypeEnum.Text, parse: null };
const integer = { type: ColumnTypeEnum.Int32, parse: Number };

/** The session's time zone is UTC, so the offset is `+00`; whatever else appears goes adapter-pg's way. */
const instant =
  (stock: (value: string) => unknown) =>
  (value: string): unknown =>
    value.length >= 22 && value[10] === ' ' && value.endsWith('+00')
      ? `${value.slice(0, 10)}T${value.slice(11, -3)}+00:00`
      : stock(value);

/** The types this schema is made of; everything else is asked of adapter-pg once and remembered. */
const common: readonly [number, Column][] = [
  [16, { type: ColumnTypeEnum.Boolean, parse: (value) => value === 't' }],
  [20, { type: ColumnTypeEnum.Int64, parse: null }],
  [21, integer],
  [23, integer],
  [25, text],
  [1042, text],
  [1043, text],
  [114, { type: ColumnTypeEnum.Json, parse: null }],
  [3802, { type: ColumnTypeEnum.Json, parse: null }],
  [1700, { type: ColumnTypeEnum.Numeric, parse: null }],
  [2950, { type: ColumnTypeEnum.Uuid, parse: null }],
];

const TIMESTAMPTZ = 1184;
const UNKNOWN: ArgType = { scalarType: 'unknown', arity: 'scalar' };

/** Arguments, results and errors, converted as adapter-pg does; the common types without its detours. */
export class Converter {
  private readonly stock: StockQueryable;
  private readonly columns = new Map<number, Column>(common);

  constructor(stock: Awaited<ReturnType<PrismaPg['connect']>>) {
    this.stock = stock as unknown as StockQueryable;
    for (const part of ['performIO', 'queryRaw', 'onError'] as const) {
      if (typeof this.stock[part] !== 'function')
        throw new Error(`This version of adapter-pg has no ${part}`);
    }
  }

  /** Throws adapter-pg's own error for what went wrong. */
  rethrow(error: unknown): never {
    return this.stock.onError(error);
  }

  values(query: SqlQuery): WireValue[] {
    return query.args.map((arg, index) => this.value(arg, query.argTypes[index]));
  }

  private value(arg: unknown, type: ArgType | undefined): WireValue {
    if (arg === null || arg === undefined) return null;
    if (typeof arg === 'string' && type?.scalarType !== 'datetime' && type?.scalarType !== 'bytes')
      return arg;
    if (typeof arg === 'number' || typeof arg === 'boolean' || typeof arg === 'bigint') return String(arg);
    return prepareValue(this.stockConfig(arg, type).values[0]);
  }

  /** adapter-pg maps arguments synchronously and hands them to its client: here, to one that only listens. */
  private stockConfig(arg: unknown, type: ArgType | undefined): QueryConfig {
    let seen: QueryConfig | undefined;
    const client = {
      query(config: QueryConfig) {
        seen = config;
        return Promise.resolve({ fields: [], rows: [] });
      },
    };
    const query = { sql: '', args: [arg], argTypes: [type ?? UNKNOWN] };
    this.stock.performIO.call({ client, onError: this.stock.onError } as never, query).catch(() => {});
    if (!seen) throw new TypeError('adapter-pg does not take this argument');
    return seen;
  }

  async shape(fields: readonly Field[]): Promise<Shape> {
    for (const field of fields) {
      if (!this.columns.has(field.dataTypeID)) await this.learn(field.dataTypeID);
    }
    const columns = fields.map((field) => this.columns.get(field.dataTypeID)!);
    return {
      columnNames: fields.map((field) => field.name),
      columnTypes: columns.map((column) => column.type),
      parsers: columns.map((column) => column.parse),
    };
  }

  private async learn(oid: number): Promise<void> {
    const client = { query: () => Promise.resolve({ fields: [{ name: '', dataTypeID: oid }], rows: [] }) };
    const probe = Object.assign(Object.create(this.stock), {
      client,
      pgOptions: undefined,
    }) as StockQueryable;
    const { columnTypes } = await probe.queryRaw({ sql: '', args: [], argTypes: [] });
    const parse = this.stockConfig('', undefined).types.getTypeParser(oid, 'text');
    this.columns.set(oid, { type: columnTypes[0]!, parse: oid === TIMESTAMPTZ ? instant(parse) : parse });
  }
}

/** Converts rows in place; the arrays belong to nobody else. */
export function convertRows(rows: unknown[][], parsers: readonly Parse[]): unknown[][] {
  for (let column = 0; column < parsers.length; column++) {
    const parse = parsers[column];
    if (!parse) continue;
    for (const row of rows) {
      const value = row[column];
      if (value !== null) row[column] = parse(value as string);
    }
  }
  return rows;
}

/** Rows affected, from a command tag: `INSERT 0 3`, `UPDATE 2`, `BEGIN`. */
export function affected(tag: string): number {
  const count = Number(tag.slice(tag.lastIndexOf(' ') + 1));
  return Number.isInteger(count) ? count : 0;
}
