import pg from 'pg';
import type { Scope } from '../market/scope.ts';
import { accessOf } from '../market/scoping/access.ts';
import { affected, prepareValue } from './convert.ts';
import { CarriedError, isRefusal, ScopeRefusedError, uncarried } from './db.errors.ts';
import { endsConnection } from './pool.ts';
import type { Ran } from './session.ts';
import type { Parts } from './thin-adapter.ts';
import type { WireValue } from './wire.ts';

type Scalar = string | number | boolean | null | Date;
export type SqlValue = Scalar | readonly Scalar[];

/** A statement whose text stands in our own source: only values ever come from outside, as parameters. */
export interface Statement {
  readonly text: string;
  readonly values: readonly WireValue[];
}

const texts = new WeakMap<TemplateStringsArray, string>();

/** `` sql`select … where market_id = ${marketId}` ``. There is no way to put text into it, so there is none to inject. */
export function sql(strings: TemplateStringsArray, ...values: readonly SqlValue[]): Statement {
  let text = texts.get(strings);
  if (text === undefined) {
    text = strings.reduce((all, part, index) => `${all}$${index}${part}`);
    texts.set(strings, text);
  }
  return { text, values: values.map(prepareValue) };
}

/**
 * Fixed statements under one scope, without Prisma in between: for the few places that are asked thousands of times a
 * second. Row-level security binds them as everything else; each names the market itself besides, as line 3 would.
 * Instants come as ISO 8601 text.
 */
export interface Direct {
  readonly scope: Scope;
  rows<Row>(statement: Statement): Promise<Row[]>;
  /** @returns how many rows were written. */
  affected(statement: Statement): Promise<number>;
}

/** 0A000: a cached plan whose result type changed. 26000: a prepared statement the server does not know. */
const STALE = new Set(['0A000', '26000']);

/** Like the adapter, in one batch with the context. Throws ScopeRefusedError where policies or triggers refuse. */
export function createDirect(parts: Parts): (scope: Scope) => Direct {
  return (scope) => {
    accessOf(scope);
    return {
      scope,
      rows: async (statement) => {
        const { rows, fields, statement: named } = await run(parts, scope, statement);
        return toObjects(rows, named?.fields ?? fields ?? []);
      },
      affected: async (statement) => affected((await run(parts, scope, statement)).tag),
    };
  };
}

async function run({ pool, escorts, named }: Parts, scope: Scope, { text, values }: Statement): Promise<Ran> {
  const escort = escorts.statement(scope);
  const session = await pool.acquire().catch((error) => {
    throw uncarried(error);
  });
  let fault: unknown;
  try {
    return await session.run(escort, text, values, named).catch(async (error) => {
      if (endsConnection(error)) throw error;
      if (escort.lead > 1) await session.rollback();
      if (!STALE.has((error as { code?: string }).code ?? '')) throw error;
      session.statements.drop(text);
      return session.run(escort, text, values, named);
    });
  } catch (error) {
    fault = error;
    throw refusal(error);
  } finally {
    pool.release(session, false, fault);
  }
}

function refusal(error: unknown): unknown {
  if (error instanceof CarriedError) return error.carried;
  const { code, message } = error as { code?: unknown; message: string };
  return isRefusal(code) ? new ScopeRefusedError(code, message, error) : error;
}

const INSTANT = 1184;
const NUMBERS = new Set([20, 21, 23, 700, 701]);

function parserOf(oid: number): ((value: string) => unknown) | null {
  if (NUMBERS.has(oid)) return Number;
  // The session's time zone is UTC.
  if (oid === INSTANT) return (value) => `${value.slice(0, 10)}T${value.slice(11, -3)}Z`;
  if (oid === 25 || oid === 2950 || oid === 1043 || oid === 1082) return null;
  return pg.types.getTypeParser(oid, 'text') as (value: string) => unknown;
}

function toObjects<Row>(
  rows: (string | null)[][],
  fields: readonly { readonly name: string; readonly dataTypeID: number }[],
): Row[] {
  const parsers = fields.map(({ dataTypeID }) => parserOf(dataTypeID));
  return rows.map((values) => {
    const row: Record<string, unknown> = {};
    for (let column = 0; column < fields.length; column++) {
      const [value, parse] = [values[column]!, parsers[column]];
      row[fields[column]!.name] = value === null || !parse ? value : parse(value);
    }
    return row as Row;
  });
}
