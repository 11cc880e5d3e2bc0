import assert from 'node:assert/strict';
import { readAlong, writtenAlong } from '../../server/db/counting.ts';
import { readModelMap } from '../../server/market/scoping/model-map.ts';

const models = readModelMap(`
model Market {
  id String @id
  shelves Shelf[]
  books Book[]
}
model Shelf {
  marketId String
  id String
  market Market @relation(fields: [marketId], references: [id])
  books Book[]
  @@id([marketId, id])
}
model Book {
  marketId String
  id String
  shelfId String
  market Market @relation(fields: [marketId], references: [id])
  shelf Shelf @relation(fields: [marketId, shelfId], references: [marketId, id])
  @@id([marketId, id])
}
`);

describe('rows of relations', () => {
  const read = (model: string, args: object, rows: unknown[]) => {
    const found: [string, number][] = [];
    readAlong(models, model, args, rows, (related, each) => found.push([related, each.length]));
    return found;
  };
  const written = (model: string, args: Record<string, unknown>) => {
    const found: [string, number | null][] = [];
    writtenAlong(models, model, args, (related, rows) => found.push([related, rows]));
    return found;
  };

  it('that a result brought along are found at every level', () => {
    const shelves = [{ books: [{ market: { id: 'm' } }, { market: { id: 'm' } }] }, { books: [] }, null];
    const args = { select: { id: true, books: { include: { market: true } } } };
    assert.deepEqual(read('Shelf', args, shelves), [
      ['Book', 2],
      ['Market', 2],
    ]);
  });

  it('that were not asked for are not looked for', () => {
    const shelf = { books: [{}], _count: { books: 3 } };
    assert.deepEqual(read('Shelf', { select: { books: false, _count: true } }, [shelf]), []);
    assert.deepEqual(read('Shelf', { where: { books: { some: {} } } }, [shelf]), []);
  });

  it('that were written are known where Prisma writes each or fails', () => {
    const books = {
      create: [{ id: 'a' }, { id: 'b', market: { update: { id: 'm' } } }],
      update: { where: { id: 'c' }, data: {} },
      delete: [{ id: 'd' }],
      connect: [{ id: 'e' }],
      createMany: { data: [{}, {}, {}] },
    };
    assert.deepEqual(written('Shelf', { data: { books } }), [
      ['Book', 2],
      ['Market', 1],
      ['Book', 1],
      ['Book', 1],
      ['Book', 1],
      ['Book', 3],
    ]);
    assert.deepEqual(written('Book', { data: { shelf: { connect: { id: 's' } } } }), [['Shelf', 0]]);
  });

  it('that may have been written are said to be unknown', () => {
    const books = {
      updateMany: { where: { market: { is: { id: 'm' } } }, data: {} },
      deleteMany: {},
      set: [],
      connectOrCreate: { where: {}, create: {} },
      createMany: { data: [{}], skipDuplicates: true },
    };
    assert.deepEqual(
      written('Shelf', { data: { books } }),
      Array.from({ length: 5 }, () => ['Book', null]),
    );
    const upsert = { create: { books: { create: {} } }, update: { market: { connect: { id: 'm' } } } };
    assert.deepEqual(written('Shelf', upsert), [['Book', null]]);
  });
});
