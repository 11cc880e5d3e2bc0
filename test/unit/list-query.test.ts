import assert from 'node:assert/strict';
import fc from 'fast-check';
import { z } from 'zod';
import { AppError } from '../../server/errors.ts';
import { decodeCursor, encodeCursor } from '../../server/http/cursor.ts';
import { defineList, type ListQuery, paginate, parseList } from '../../server/http/list-query.ts';

const list = defineList({
  sorts: {
    name: { field: 'name', kind: 'text' },
    size: { field: 'size', kind: 'number' },
    at: { field: 'at', kind: 'instant' },
    id: { field: 'id', kind: 'text' },
  },
  sort: 'at',
  dir: 'desc',
  filters: { state: z.enum(['open', 'closed']).optional() },
  limit: 3,
});

interface Row {
  id: string;
  name: string;
  size: number;
  at: Date;
}

type Order = 'asc' | 'desc';
type Where = Record<string, unknown>;
const comparable = (value: unknown) => (value instanceof Date ? value.getTime() : (value as string | number));

/** As much of Prisma's findMany as a page asks for, over an array. */
function matches(row: Row, where: Where): boolean {
  return Object.entries(where).every(([key, condition]) => {
    if (key === 'AND') return (condition as Where[]).every((each) => matches(row, each));
    if (key === 'OR') return (condition as Where[]).some((each) => matches(row, each));
    const value = comparable(row[key as keyof Row]);
    return Object.entries(condition as Where).every(([operator, operand]) => {
      const other = comparable(operand);
      if (operator === 'gt') return value > other;
      if (operator === 'gte') return value >= other;
      if (operator === 'lt') return value < other;
      return value <= other;
    });
  });
}

function findMany(
  rows: Row[],
  args: { where: Where; orderBy: Record<string, Order>[]; take: number },
): Row[] {
  const compare = (a: Row, b: Row) => {
    for (const order of args.orderBy) {
      const [field, dir] = Object.entries(order)[0]!;
      const [x, y] = [comparable(a[field as keyof Row]), comparable(b[field as keyof Row])];
      if (x !== y) return (x < y ? -1 : 1) * (dir === 'asc' ? 1 : -1);
    }
    return 0;
  };
  return rows
    .filter((row) => matches(row, args.where))
    .sort(compare)
    .slice(0, args.take);
}

const rowOf = fc.record({
  id: fc.uuid(),
  name: fc.constantFrom('a', 'b', 'ب', ''),
  size: fc.integer({ min: -2, max: 2 }),
  at: fc.integer({ min: 0, max: 3 }).map((n) => new Date(n * 1000)),
});

describe('lists', () => {
  it('walking forwards and back meets every row once, in one order, for every sort', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(rowOf, { selector: (row) => row.id, maxLength: 12 }),
        fc.constantFrom('name', 'size', 'at', 'id'),
        fc.constantFrom<Order>('asc', 'desc'),
        fc.integer({ min: 1, max: 5 }),
        async (rows, sort, dir, limit) => {
          const open = (cursor: string | null) => {
            const query = parseList(
              list,
              { sort, dir, limit: String(limit), ...(cursor ? { cursor } : {}) },
              'strict',
            );
            return paginate(query as ListQuery, {}, async (args) => findMany(rows, args));
          };
          const there: string[][] = [];
          let page = await open(null);
          assert.equal(page.previous, null);
          for (
            there.push(page.rows.map((row) => row.id));
            page.next;
            there.push(page.rows.map((row) => row.id))
          ) {
            page = await open(page.next);
          }
          const whole = findMany(rows, {
            where: {},
            orderBy: sort === 'id' ? [{ id: dir }] : [{ [sort]: dir }, { id: dir }],
            take: 99,
          });
          assert.deepEqual(
            there.flat(),
            whole.map((row) => row.id),
          );
          const back = [page.rows.map((row) => row.id)];
          while (page.previous) {
            page = await open(page.previous);
            back.unshift(page.rows.map((row) => row.id));
          }
          assert.deepEqual(
            back.flat(),
            whole.map((row) => row.id),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('a cursor comes back as it went', () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.integer({ min: -1000, max: 1000 }),
          fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
        ),
        fc.boolean(),
        (id, value, backwards) => {
          fc.pre(typeof value !== 'string' || !value.includes('\0'));
          const kind = value instanceof Date ? 'instant' : typeof value === 'number' ? 'number' : 'text';
          const cursor = { sort: 's', dir: 'asc' as const, value, id, backwards };
          assert.deepEqual(decodeCursor(encodeCursor(cursor), 's', 'asc', kind), cursor);
        },
      ),
    );
  });

  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const good = {
    s: 'at',
    d: 'desc',
    v: '2026-01-01T00:00:00.000Z',
    i: '01900000-0000-7000-8000-000000000000',
    b: false,
  };
  const forged: [string, string][] = [
    ['nothing like one', 'x'],
    ['another alphabet', '{"s":"at"}'],
    ['not JSON', Buffer.from('{').toString('base64url')],
    ['null', encode(null)],
    ['a list', encode([])],
    ['another sort', encode({ ...good, s: 'name' })],
    ['another direction', encode({ ...good, d: 'asc' })],
    ['an operator as value', encode({ ...good, v: { gt: 1 } })],
    ['a number for an instant', encode({ ...good, v: 1 })],
    ['a date that is none', encode({ ...good, v: '2026-02-31T00:00:00Z' })],
    ['an id that is none', encode({ ...good, i: "' or 1=1" })],
    ['one field more', encode({ ...good, where: {} })],
    ['__proto__', Buffer.from('{"__proto__":{"s":"at"}}').toString('base64url')],
    ['far too long', 'A'.repeat(5000)],
  ];
  for (const [name, cursor] of forged) {
    it(`a forged cursor, ${name}: 422 for a program, left out for a person`, () => {
      assert.throws(
        () => parseList(list, { cursor }, 'strict'),
        (error: unknown) => error instanceof AppError && error.status === 422 && 'cursor' in error.fields,
      );
      const lenient = parseList(list, { cursor });
      assert.equal(lenient.cursor, null);
      assert.ok('cursor' in lenient.problems);
    });
  }
  it('the good one behind them is taken', () => {
    assert.equal(parseList(list, { cursor: encode(good) }, 'strict').cursor?.id, good.i);
  });

  for (const [name, query, field] of [
    ['an unknown sort', { sort: 'password' }, 'sort'],
    ['an inherited name as sort', { sort: 'constructor' }, 'sort'],
    ['an unknown direction', { dir: 'up' }, 'dir'],
    ['a limit of 0', { limit: '0' }, 'limit'],
    ['a limit of a million', { limit: '1000000' }, 'limit'],
    ['a limit that is no number', { limit: 'x' }, 'limit'],
    ['a filter’s unknown value', { state: 'gone' }, 'state'],
    ['a list for a filter', { state: ['open', 'closed'] }, 'state'],
    ['an unknown parameter', { marketId: 'x' }, 'marketId'],
    ['too long a search', { q: 'x'.repeat(500) }, 'q'],
  ] as const) {
    it(`${name}: named, and left out for a person`, () => {
      assert.throws(
        () => parseList(list, query, 'strict'),
        (error: unknown) =>
          error instanceof AppError && error.status === 422 && Object.keys(error.fields).join() === field,
      );
      const lenient = parseList(list, query);
      assert.deepEqual(Object.keys(lenient.problems), [field]);
      assert.equal(lenient.sort, 'at');
    });
  }

  it('a sort other than the default begins ascending; an empty filter is none', () => {
    assert.equal(parseList(list, {}).dir, 'desc');
    assert.equal(parseList(list, { sort: 'name' }).dir, 'asc');
    assert.deepEqual(parseList(list, { state: '', q: '' }, 'strict').filters, {});
  });
});
