import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Scope } from '../../server/market/scope.ts';
import { DECOY_MARKET } from '../../server/market/scoping/decoy-market.ts';
import { readModelMap } from '../../server/market/scoping/model-map.ts';
import { operations, scopeArgs } from '../../server/market/scoping/scope-args.ts';
import { ScopeViolation } from '../../server/market/scoping/scope-violation.ts';
import { unscopedModels } from '../../server/market/scoping/unscoped-models.ts';
import { prismaFolder } from '../../server/paths.ts';
import { Planner, withIds } from '../support/operations.ts';
import { partnerScope, staffScope } from '../support/scoped.ts';

const schema = readFileSync(join(prismaFolder, 'schema.prisma'), 'utf8');
const models = readModelMap(schema);
const own = '11111111-1111-7111-8111-111111111111';
const foreign = '22222222-2222-7222-8222-222222222222';
const scope = partnerScope(own);
const rewrite = (model: string, operation: string, args: unknown, under: Scope = scope) =>
  scopeArgs(models, model, operation, args, under).args as Record<string, never>;
const where = (model: string, filter: unknown) => rewrite(model, 'findMany', { where: filter }).where;
const refused = (work: () => unknown, why?: RegExp) =>
  assert.throws(
    work,
    (error) => error instanceof ScopeViolation && error.status === 404 && (!why || why.test(error.message)),
  );

describe('reading the data model', () => {
  it('finds every market model, its keys and what ties it to others', () => {
    const offer = models.get('Offer')!;
    assert.equal(offer.marketField, 'marketId');
    assert.deepEqual(offer.compounds.get('marketId_id'), ['marketId', 'id']);
    const tied = (model: string, relation: string) => models.get(model)!.relations.get(relation)!.tied;
    assert.deepEqual(
      [
        tied('Offer', 'image'),
        tied('Offer', 'market'),
        tied('Market', 'offers'),
        tied('Offer', 'category'),
        tied('Category', 'offers'),
        tied('TeamMember', 'user'),
      ],
      [true, true, true, false, false, false],
    );
    assert.equal(models.get('Market')!.marketField, 'id');
    assert.equal(models.get('OfferBranch')!.compounds.get('marketId_offerId_branchId')!.length, 3);
  });

  it('takes in every model of the client, and each one without a market with a reason', () => {
    const named = [...schema.matchAll(/^model (\w+) \{([\s\S]*?)^\}/gm)].filter(
      ([, , body]) => !body!.includes('@@ignore'),
    );
    assert.deepEqual(
      [...models.keys()],
      named.map(([, name]) => name),
    );
    for (const [name, { reason }] of Object.entries(unscopedModels)) {
      assert.ok(models.has(name), `${name} is listed but gone`);
      assert.ok(reason.length > 10);
    }
  });

  it('scopes a new model by default, and stops at one that is neither scoped nor listed', () => {
    const extra = (fields: string) => `${schema}\nmodel Voucher {\n${fields}\n}\n`;
    assert.equal(
      readModelMap(extra('  marketId String @db.Uuid\n  id String\n  @@id([marketId, id])')).get('Voucher')!
        .marketField,
      'marketId',
    );
    assert.throws(() => readModelMap(extra('  id String @id')), /Voucher has no marketId/);
  });
});

describe('scoped arguments', () => {
  it('put the market into every filter, whatever it says', () => {
    assert.deepEqual(where('Offer', undefined), { marketId: own });
    assert.deepEqual(where('Offer', { state: 'live' }), { state: 'live', marketId: own });
    assert.deepEqual(where('Offer', { marketId: undefined }), { marketId: own });
    assert.deepEqual(where('Offer', { marketId: foreign }), { marketId: foreign, AND: [{ marketId: own }] });
    assert.deepEqual(where('Offer', { marketId: { not: own }, AND: { id: 'x' } }), {
      marketId: { not: own },
      AND: [{ id: 'x' }, { marketId: own }],
    });
    assert.deepEqual(where('Offer', { OR: [{ marketId: foreign }, {}] }), {
      OR: [{ marketId: foreign }, {}],
      marketId: own,
    });
    assert.deepEqual(where('Market', { id: foreign }), { id: foreign, AND: [{ id: own }] });
    for (const operation of [
      'count',
      'aggregate',
      'groupBy',
      'deleteMany',
      'findFirst',
      'findFirstOrThrow',
    ]) {
      assert.deepEqual(rewrite('Offer', operation, undefined).where, { marketId: own }, operation);
    }
  });

  it('hold relation filters to the market, and every to rows of the own one', () => {
    assert.deepEqual(where('Category', { offers: { some: { price: 1 } } }), {
      offers: { some: { price: 1, marketId: own } },
    });
    assert.deepEqual(where('Category', { offers: { none: {} } }), { offers: { none: { marketId: own } } });
    assert.deepEqual(where('Category', { offers: { every: { price: 1 } } }), {
      offers: { every: { OR: [{ NOT: { marketId: own } }, { price: 1 }] } },
    });
    assert.deepEqual(where('Category', { NOT: [{ AND: { offers: { some: {} } } }] }), {
      NOT: [{ AND: { offers: { some: { marketId: own } } } }],
    });
    assert.deepEqual(where('Offer', { image: { width: 1 } }), {
      image: { is: { width: 1, marketId: own } },
      marketId: own,
    });
    assert.deepEqual(where('Offer', { image: null }), { image: null, marketId: own });
    assert.deepEqual(where('Offer', { image: { isNot: null } }), { image: { isNot: null }, marketId: own });
  });

  it('hold included rows and counts to the market at every level', () => {
    const { include } = rewrite('Category', 'findMany', {
      include: {
        offers: { include: { branches: true, _count: true } },
        _count: { select: { offers: true } },
      },
    });
    assert.deepEqual(include, {
      offers: {
        include: {
          branches: { where: { marketId: own } },
          _count: {
            select: {
              branches: { where: { marketId: own } },
              campaigns: { where: { marketId: own } },
              claims: { where: { marketId: own } },
              decisions: { where: { marketId: own } },
              events: { where: { marketId: own } },
            },
          },
        },
        where: { marketId: own },
      },
      _count: { select: { offers: { where: { marketId: own } } } },
    });
    assert.deepEqual(rewrite('Category', 'findMany', { select: { _count: true } }).select, {
      _count: { select: { benchmarks: { where: {} }, offers: { where: { marketId: own } } } },
    });
    assert.deepEqual(rewrite('Plan', 'findMany', { include: { markets: true } }).include, {
      markets: { where: { id: own } },
    });
  });

  it('refuse an order that would count other markets’ rows', () => {
    refused(() => rewrite('Category', 'findMany', { orderBy: { offers: { _count: 'desc' } } }), /count/);
    refused(
      () => rewrite('Offer', 'findMany', { orderBy: [{ category: { offers: { _count: 'desc' } } }] }),
      /count/,
    );
    rewrite('Offer', 'findMany', { orderBy: { branches: { _count: 'desc' } } });
  });

  it('turn findUnique into findFirst with plain key values alone', () => {
    const one = (given: unknown) => scopeArgs(models, 'Offer', 'findUnique', { where: given }, scope);
    assert.deepEqual(one({ id: 'x' }), {
      operation: 'findFirst',
      args: { where: { id: 'x', marketId: own } },
    });
    assert.deepEqual(one({ marketId_id: { marketId: own, id: 'x' } }).args.where, { marketId: own, id: 'x' });
    assert.deepEqual(one({ marketId_id: { id: 'x' } }).args.where, { marketId: own, id: 'x' });
    assert.deepEqual(one({ marketId_id: { marketId: foreign, id: 'x' } }).args.where, {
      marketId: own,
      id: 'x',
      AND: [{ marketId: foreign }],
    });
    for (const bad of [
      undefined,
      {},
      { id: undefined },
      { id: null },
      { id: { not: '' } },
      { marketId_id: { id: { contains: '' } } },
      { marketId_id: null },
      { titleEn: 'x' },
      { id: ['x'] },
    ]) {
      refused(() => one(bad));
      refused(() => scopeArgs(models, 'Category', 'findUnique', { where: bad }, scope));
    }
  });

  it('let an id alone name a row of the market', () => {
    assert.deepEqual(rewrite('Offer', 'update', { where: { id: 'x', state: 'live' }, data: {} }).where, {
      marketId_id: { marketId: own, id: 'x' },
      state: 'live',
    });
    assert.deepEqual(rewrite('OfferBranch', 'delete', { where: { offerId: 'o', branchId: 'b' } }).where, {
      marketId_offerId_branchId: { marketId: own, offerId: 'o', branchId: 'b' },
    });
    assert.deepEqual(rewrite('Offer', 'delete', { where: { id: { not: 'x' } } }).where, {
      id: { not: 'x' },
      marketId: own,
    });
    assert.deepEqual(
      rewrite('Offer', 'delete', { where: { marketId_id: { marketId: foreign, id: 'x' } } }).where,
      { marketId_id: { marketId: foreign, id: 'x' }, marketId: own },
    );
  });

  it('put the market into new rows, and refuse another one', () => {
    assert.deepEqual(rewrite('Branch', 'create', { data: { nameEn: 'a' } }).data, {
      nameEn: 'a',
      marketId: own,
    });
    assert.deepEqual(rewrite('Branch', 'createMany', { data: [{ nameEn: 'a' }, { marketId: own }] }).data, [
      { nameEn: 'a', marketId: own },
      { marketId: own },
    ]);
    assert.deepEqual(rewrite('Offer', 'create', { data: { category: { connect: { id: 'c' } } } }).data, {
      category: { connect: { id: 'c' } },
      market: { connect: { id: own } },
    });
    assert.deepEqual(
      rewrite('Offer', 'create', { data: { branches: { create: [{ branchId: 'b', marketId: own }] } } }).data,
      { branches: { create: [{ branchId: 'b' }] }, marketId: own },
    );
    for (const data of [
      { marketId: foreign },
      { marketId: null },
      { market: { connect: { id: foreign } } },
      { market: { create: {} } },
      { market: { connectOrCreate: {} } },
      { branches: { create: { marketId: foreign } } },
      { branches: { createMany: { data: [{ marketId: foreign }] } } },
    ]) {
      refused(() => rewrite('Offer', 'create', { data }));
      refused(() => rewrite('Offer', 'upsert', { where: { id: 'x' }, create: data, update: {} }));
    }
    refused(() => rewrite('Market', 'create', { data: {} }));
  });

  it('never let a row change its market', () => {
    assert.deepEqual(
      rewrite('Offer', 'update', { where: { id: 'x' }, data: { marketId: own, price: 1 } }).data,
      { price: 1 },
    );
    assert.deepEqual(rewrite('Offer', 'updateMany', { data: { marketId: { set: own } } }).data, {});
    for (const data of [
      { marketId: foreign },
      { marketId: { set: foreign } },
      { market: { connect: { id: foreign } } },
      { market: { create: {} } },
      { market: { disconnect: true } },
    ]) {
      refused(() => rewrite('Offer', 'update', { where: { id: 'x' }, data }));
    }
    refused(() => rewrite('Market', 'update', { where: { id: own }, data: { id: foreign } }));
    refused(() => rewrite('Offer', 'updateMany', { data: { marketId: foreign } }));
  });

  it('hold every nested write to the market', () => {
    const write = (branches: unknown) =>
      (
        rewrite('Offer', 'update', { where: { id: 'x' }, data: { branches } }).data as unknown as {
          branches: unknown;
        }
      ).branches;
    const key = { marketId_offerId_branchId: { marketId: own, offerId: 'o', branchId: 'b' } };
    const alien = { marketId_offerId_branchId: { marketId: foreign, offerId: 'o', branchId: 'b' } };
    const bare = { offerId: 'o', branchId: 'b' };
    for (const verb of ['connect', 'set', 'disconnect', 'delete']) {
      assert.deepEqual(write({ [verb]: [bare] }), { [verb]: [key] }, verb);
      refused(() => write({ [verb]: [bare, alien] }));
    }
    assert.deepEqual(write({ deleteMany: {} }), { deleteMany: { marketId: own } });
    assert.deepEqual(write({ updateMany: [{ where: {}, data: {} }] }), {
      updateMany: [{ where: { marketId: own }, data: {} }],
    });
    assert.deepEqual(write({ update: { where: bare, data: {} } }), { update: { where: key, data: {} } });
    refused(() => write({ update: { where: alien, data: {} } }));
    refused(() => write({ upsert: { where: alien, create: {}, update: {} } }));
    refused(() => write({ connectOrCreate: { where: alien, create: {} } }));
    refused(() => write({ explode: {} }));
    const image = (value: unknown) =>
      rewrite('Offer', 'update', { where: { id: 'x' }, data: { image: value } }).data;
    assert.deepEqual(image({ update: { width: 1 } }), {
      image: { update: { where: { marketId: own }, data: { width: 1 } } },
    });
    assert.deepEqual(image({ delete: true }), { image: { delete: true } });
    refused(() => image({ update: { marketId: foreign } }));
  });

  it('reach staff and persons from no market, by any path', () => {
    for (const model of [
      'StaffUser',
      'StaffSession',
      'PlatformAuditEntry',
      'PartnerUser',
      'StaffCredential',
    ]) {
      for (const operation of operations)
        refused(() => rewrite(model, operation, { where: { id: 'x' }, data: {} }), /reach/);
    }
    refused(() => rewrite('TeamMember', 'findMany', { include: { user: true } }));
    refused(() => rewrite('TeamMember', 'findMany', { where: { user: { email: 'a' } } }));
    refused(() => rewrite('TeamMember', 'findMany', { where: { NOT: { OR: [{ user: { is: null } }] } } }));
    refused(() => rewrite('TeamMember', 'findMany', { orderBy: { user: { email: 'asc' } } }));
    refused(() =>
      rewrite('TeamMember', 'update', { where: { id: 'x' }, data: { user: { connect: { id: 'p' } } } }),
    );
    refused(() => rewrite('Market', 'findMany', { include: { members: { include: { user: true } } } }));
  });

  it('keep shared models read-only in a market, nested too', () => {
    for (const operation of [
      'create',
      'createMany',
      'update',
      'updateMany',
      'upsert',
      'delete',
      'deleteMany',
    ]) {
      refused(
        () => rewrite('Category', operation, { where: { id: 'x' }, data: {}, create: {}, update: {} }),
        /read-only/,
      );
    }
    for (const verb of ['create', 'update', 'upsert', 'delete', 'connectOrCreate']) {
      refused(
        () => rewrite('Offer', 'update', { where: { id: 'x' }, data: { category: { [verb]: {} } } }),
        /read-only/,
      );
    }
    rewrite('Offer', 'update', { where: { id: 'x' }, data: { category: { connect: { id: 'c' } } } });
    rewrite('Offer', 'update', { where: { id: 'x' }, data: { category: { disconnect: true } } });
  });

  it('refuse a scope that is none', () => {
    const find = (under: unknown) => scopeArgs(models, 'Offer', 'findMany', {}, under as Scope).args;
    for (const none of [
      undefined,
      null,
      partnerScope(null),
      partnerScope(''),
      { ...scope, marketId: undefined },
      { ...scope, marketId: { not: own } },
    ])
      refused(() => find(none));
    refused(() => find({ ...scope, surface: 'admin' }));
    refused(() => find({ ...staffScope(), surface: 'partner' }));
    assert.deepEqual(find(staffScope()).where, { marketId: { not: DECOY_MARKET } });
    assert.deepEqual(find(staffScope('support', own)).where, { marketId: own });
  });

  it('keep staff out of the decoy market, by its key too', () => {
    const one = (where: object) =>
      scopeArgs(models, 'Offer', 'findUnique', { where }, staffScope()).args.where;
    const hidden = { not: DECOY_MARKET };
    assert.deepEqual(one({ marketId_id: { marketId: own, id: 'x' } }), {
      ...{ marketId: hidden, AND: [{ marketId: own }], id: 'x' },
    });
    const market = scopeArgs(models, 'Market', 'findUnique', { where: { id: own } }, staffScope());
    assert.deepEqual(market.args.where, { id: own, AND: [{ id: hidden }] });
  });

  it('refuse what is not a plain argument', () => {
    for (const args of [
      [],
      'x',
      7,
      JSON.parse('{"where": {"__proto__": {"id": "x"}}}'),
      { where: 'x' },
      { where: [] },
      { include: [] },
      { where: { AND: 'x' } },
    ]) {
      refused(() => rewrite('Offer', 'findMany', args));
    }
    refused(() => rewrite('Offer', '$queryRaw', {}));
    refused(() => rewrite('Offer', 'constructor', {}));
    refused(() => rewrite('Nothing', 'findMany', {}));
  });

  it('leave the caller’s arguments as they are, and nothing of the market out', () => {
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const planned = new Planner((arbitrary) => g(arbitrary), models).operation(
          operations,
          [...models.keys()].filter((name) => !['staff', 'gate'].includes(models.get(name)!.reach ?? '')),
        );
        const market = {
          id: own,
          offers: ['o1', 'o2'],
          branches: ['b1', 'b2'],
          images: ['i1', 'i2'],
          members: ['m1'],
          events: [],
          imports: [],
          audits: [],
          keys: [],
          shoppers: [],
          shopperSessions: [],
          claims: [],
          tasks: [],
          schedules: [],
        };
        const args = withIds(planned.args, market, { ...market, id: foreign });
        const before = structuredClone(args);
        let result: unknown;
        try {
          result = scopeArgs(models, planned.model, planned.operation, args, scope).args;
        } catch (error) {
          assert.ok(error instanceof ScopeViolation, String(error));
        }
        assert.deepEqual(args, before);
        const marketModel = models.get(planned.model)!.marketField;
        if (result && marketModel) assert.ok(JSON.stringify(result).includes(own), JSON.stringify(result));
      }),
      { numRuns: 2_000 },
    );
  });
});
