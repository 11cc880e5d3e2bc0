import pg from 'pg';
import type { Scope } from '../market/scope.ts';
import { accessOf } from '../market/scoping/access.ts';
import { affected, prepareValue } from './convert.ts';
import { refusalOf, uncarried } from './db.errors.ts';
import { noteRefusal, noteStatement } from './noting.ts';
import { type Parts, runStatement } from './run-statement.ts';
import type { Ran } from './session.ts';
import type { WireValue } from './wire.ts';

type Scalar = string | number | boolean | null | Date;
export type SqlValue = Scalar | readonly Scalar[];

/**
 * A statement, or a part of one, whose text stands in our own source: only values ever come from outside, as
 * parameters. The class stays here, so nothing that was parsed from a request can pass for one.
 */
class SqlText {
  readonly strings: TemplateStringsArray;
  readonly parts: readonly SqlPart[];

  constructor(strings: TemplateStringsArray, parts: readonly SqlPart[]) {
    this.strings = strings;
    this.parts = parts;
  }

  /** The whole text with numbered parameters, and their values in that order. */
  flat(): { readonly text: string; readonly values: readonly WireValue[] } {
    const values: WireValue[] = [];
    return { text: this.write(values), values };
  }

  private write(values: WireValue[]): string {
    let text = this.strings[0]!;
    for (const [index, part] of this.parts.entries()) {
      if (part instanceof SqlText) text += part.write(values);
      else text += `$${values.push(prepareValue(part))}`;
      text += this.strings[index + 1]!;
    }
    return text;
  }
}

export type Statement = SqlText;
type SqlPart = SqlValue | SqlText;

/**
 * `` sql`select … where market_id = ${marketId}` ``. What is put in is a parameter, or another piece made by `sql`:
 * there is no way to put text into it, so there is none to inject.
 */
export const sql = (strings: TemplateStringsArray, ...parts: readonly SqlPart[]): Statement =>
  new SqlText(strings, parts);

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

async function run(parts: Parts, scope: Scope, statement: Statement): Promise<Ran> {
  try {
    const flat = statement.flat();
    const ran = await runStatement(parts, scope, { ...flat, raw: false });
    // By the command's tag: what it returns may be rows that it wrote.
    if (scope.trace)
      noteStatement(scope.trace, 'direct', {
        ...{ text: flat.text, rows: affected(ran.tag), writes: !ran.tag.startsWith('SELECT') },
      });
    return ran;
  } catch (error) {
    const refusal = uncarried(refusalOf(error));
    noteRefusal(scope.trace, 'sql', refusal);
    throw refusal;
  }
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
