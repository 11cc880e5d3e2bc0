import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Model, ModelMap, Relation } from '../../server/market/scoping/model-map.ts';
import { type ArrangedMarket, categoryId, eventId, OCCURRED } from './scoped.ts';

type Plain = Record<string, unknown>;
type Gen = <T>(arbitrary: () => fc.Arbitrary<T>) => T;

/** An operation with placeholders (`own:offers:0`, `other:…`) where ids belong. */
export interface PlannedOperation {
  readonly model: string;
  readonly operation: string;
  readonly args: Plain;
}

const lists: Readonly<Record<string, string>> = {
  Offer: 'offers',
  Branch: 'branches',
  Image: 'images',
  TeamMember: 'members',
  OfferEvent: 'events',
  ImportJob: 'imports',
  AuditEntry: 'audits',
  PublishableKey: 'keys',
  Shopper: 'shoppers',
  ShopperSession: 'shopperSessions',
  Claim: 'claims',
  RollupTask: 'tasks',
  ExportSchedule: 'schedules',
};

const made = '00000000-0000-7000-8000-000000000001';
const DAY = '2026-05-01T00:00:00.000Z';
/** An event's id says when it happened. */
const EVENT = {
  id: eventId(new Date(OCCURRED.getTime() - 1)),
  at: new Date(OCCURRED.getTime() - 1).toISOString(),
};

const content: Readonly<Record<string, Plain>> = {
  Branch: { nameEn: 'Made', nameAr: 'فرع' },
  Offer: { titleEn: 'Made', currency: 'SAR' },
  OfferBranch: {},
  OfferDecision: {
    decision: 'approved',
    contentDigest: 'x',
    content: {},
    decidedBy: '00000000-0000-7000-8000-000000000001',
  },
  OfferEvent: { id: EVENT.id, kind: 'view', occurredAt: EVENT.at },
  Image: { width: 1, height: 1, bytes: 1, digest: 'e'.repeat(64) },
  ImportJob: {
    fileName: 'f.csv',
    headers: [],
    mapping: {},
    memberId: '00000000-0000-7000-8000-000000000001',
  },
  ImportError: { row: 1, column: 'c', code: 'x' },
  AuditEntry: {
    surface: 'partner',
    actorKind: 'partner',
    actorId: '00000000-0000-7000-8000-000000000001',
    actorName: 'A',
    action: 'offer.create',
    subjectType: 'offer',
  },
  TeamMember: { email: 'new@b.test', name: 'N', role: 'analyst' },
  PartnerSession: { expiresAt: '2030-01-01T00:00:00.000Z' },
  PublishableKey: { name: 'Made', createdBy: made },
  Shopper: { locale: 'ar' },
  ShopperContact: { email: 'made@d.test' },
  ShopperCode: { emailDigest: 'made', codeDigest: 'made', expiresAt: DAY },
  ShopperSession: { expiresAt: '2100-01-01T00:00:00.000Z' },
  OfferClaims: { claimed: 0 },
  Claim: {},
  RollupTask: { hour: DAY },
  EventDay: { day: DAY, branchId: made, kind: 'claim', events: 1 },
  EventHour: { day: DAY, hour: 10, kind: 'view', events: 1 },
  RollupState: { timeZone: 'UTC' },
  EventIntake: { day: DAY, outcome: 'bot', events: 1 },
  Benchmark: { month: DAY, metric: 'claim-rate', value: 5 },
  ExportSchedule: { subject: 'claims', format: 'csv', cadence: 'weekly', nextAt: DAY },
  Category: { slug: 'made', nameEn: 'M', nameAr: 'م', position: 9 },
  Market: { slug: 'made', nameEn: 'M', nameAr: 'م', planId: 'basic' },
  Plan: {
    id: 'made',
    nameEn: 'M',
    nameAr: 'م',
    monthlyPrice: 0,
    currency: 'SAR',
    maxBranches: 1,
    maxLiveOffers: 1,
    maxTeamMembers: 1,
    maxDevices: 1,
    maxSyncPushes: 1,
    maxMessages: 1,
    position: 9,
  },
};

/** Key fields that a row needs besides its content, and the model that each points to. */
const references: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  OfferBranch: { offerId: 'Offer', branchId: 'Branch' },
  OfferDecision: { offerId: 'Offer' },
  OfferEvent: { offerId: 'Offer' },
  ImportError: { importId: 'ImportJob' },
  PartnerSession: { memberId: 'TeamMember' },
  ShopperContact: { shopperId: 'Shopper' },
  ShopperSession: { shopperId: 'Shopper' },
  OfferClaims: { offerId: 'Offer' },
  Claim: { offerId: 'Offer', shopperId: 'Shopper' },
  EventDay: { offerId: 'Offer' },
  ExportSchedule: { memberId: 'TeamMember' },
  Benchmark: { categoryId: 'Category' },
};
const optional: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Offer: { imageId: 'Image' },
  OfferEvent: { branchId: 'Branch' },
  Claim: { branchId: 'Branch' },
};
/** Values of a key's fields that are no ids: those of the arranged rows. */
const keyValues: Plain = {
  occurredAt: OCCURRED.toISOString(),
  emailDigest: 'digest',
  day: DAY,
  kind: 'view',
  hour: 9,
  outcome: 'accepted',
  month: DAY,
  metric: 'claim-rate',
  branchId: '00000000-0000-0000-0000-000000000000',
};
const changes: Readonly<Record<string, Plain>> = {
  Branch: { city: 'Changed' },
  Offer: { titleEn: 'Changed' },
  Image: { width: 7 },
  ImportJob: { total: 7 },
  ImportError: { value: 'Changed' },
  AuditEntry: { receipt: 'changed' },
  TeamMember: { name: 'Changed' },
  OfferEvent: { kind: 'claim' },
  OfferDecision: { reason: 'Changed' },
  PartnerSession: { userAgent: 'Changed' },
  Market: { stateReason: 'Changed' },
  Category: { position: 8 },
  Plan: { position: 8 },
  OfferBranch: {},
  PublishableKey: { name: 'Changed' },
  Shopper: { locale: 'ar' },
  ShopperContact: { optedInAt: null },
  ShopperCode: { failures: 3 },
  ShopperSession: { revokedAt: DAY },
  OfferClaims: { claimed: 9 },
  Claim: { state: 'redeemed' },
  RollupTask: { hour: DAY },
  EventDay: { events: 9 },
  EventHour: { events: 9 },
  RollupState: { timeZone: 'UTC' },
  EventIntake: { events: 9 },
  Benchmark: { value: 9 },
  ExportSchedule: { failure: 'Changed' },
};

/** Draws random operations over the whole data model: every operation, every nesting, every verb. */
export class Planner {
  private readonly g: Gen;
  private readonly models: ModelMap;

  constructor(g: Gen, models: ModelMap) {
    this.g = g;
    this.models = models;
  }

  private pick<T>(...options: readonly T[]): T {
    return options[this.g(() => fc.nat(options.length - 1))]!;
  }

  private sometimes(percent: number): boolean {
    return this.g(() => fc.nat(99)) < percent;
  }

  private some<T>(items: readonly T[], most: number): T[] {
    if (items.length === 0) return [];
    return [...new Set(this.g(() => fc.array(fc.constantFrom(...items), { maxLength: most })))];
  }

  private market(): string {
    return this.pick('own:market', 'other:market', 'other:market');
  }

  private id(model: string): string {
    if (model === 'Category') return categoryId;
    if (model === 'Plan') return 'basic';
    if (model === 'Market') return this.market();
    const list = lists[model];
    return list ? `${this.pick('own', 'other')}:${list}:${this.pick(0, 0, 1)}` : 'none';
  }

  private relations(model: Model): Relation[] {
    return [...model.relations.values()];
  }

  private target(relation: Relation): Model {
    return this.models.get(relation.model)!;
  }

  private rowFilter(model: Model): Plain {
    if (model.name === 'OfferBranch')
      return this.pick({ offerId: this.id('Offer') }, { branchId: this.id('Branch') });
    const field = this.keyField(model);
    return { [field]: this.keyValue(model, field) };
  }

  private keyValue(model: Model, field: string): unknown {
    if (field === 'id') return this.id(model.name);
    if (field === 'marketId') return this.market();
    const target = references[model.name]?.[field];
    return target ? this.id(target) : keyValues[field];
  }

  where(model: Model, depth = 2): Plain {
    const kinds = ['all', 'row', 'market', 'and', 'or', 'not', 'relation', 'relation'] as const;
    switch (depth === 0 ? this.pick('all', 'row', 'market') : this.pick(...kinds)) {
      case 'all':
        return {};
      case 'row':
        return this.rowFilter(model);
      case 'market':
        return model.marketField
          ? {
              [model.marketField]: this.pick<unknown>(
                this.market(),
                { in: ['other:market'] },
                { not: 'own:market' },
              ),
            }
          : {};
      case 'and':
        return {
          AND: this.pick<unknown>(this.where(model, depth - 1), [
            this.where(model, depth - 1),
            this.where(model, depth - 1),
          ]),
        };
      case 'or':
        return { OR: [this.where(model, depth - 1), { NOT: this.rowFilter(model) }] };
      case 'not':
        return { NOT: this.where(model, depth - 1) };
      default:
        return this.relationWhere(model, depth);
    }
  }

  private relationWhere(model: Model, depth: number): Plain {
    const relations = this.relations(model);
    if (relations.length === 0) return {};
    const relation = this.pick(...relations);
    const inner = this.where(this.target(relation), depth - 1);
    if (relation.list) return { [relation.name]: { [this.pick('some', 'none', 'every')]: inner } };
    return { [relation.name]: this.pick<unknown>(inner, { is: inner }, { isNot: inner }) };
  }

  private unique(model: Model): Plain {
    if (model.name === 'OfferBranch') {
      const key = { offerId: this.id('Offer'), branchId: this.id('Branch') };
      return this.pick<Plain>(key, { marketId_offerId_branchId: { marketId: this.market(), ...key } });
    }
    const [name, fields] = [...model.compounds].find(([each]) => each !== 'marketId_id') ?? [];
    if (name && fields && (!model.compounds.has('marketId_id') || model.name === 'OfferEvent')) {
      const key = Object.fromEntries(fields.map((field) => [field, this.keyValue(model, field)]));
      const { marketId: _own, ...short } = key;
      return this.pick<Plain>(short, { [name]: key }, { [name]: key });
    }
    if (model.name === 'RollupState') return { marketId: this.market() };
    const id = this.id(model.name);
    if (model.marketField !== 'marketId') return { id };
    if (model.name === 'Offer' && this.sometimes(20))
      return { marketId_importKey: { marketId: this.market(), importKey: 'key-0' } };
    return this.pick<Plain>(
      { id },
      { marketId_id: { marketId: this.market(), id } },
      { marketId_id: { marketId: this.market(), id }, ...this.where(model, 1) },
    );
  }

  selection(model: Model, depth = 2): Plain {
    if (depth === 0 || this.sometimes(40)) return {};
    const include: Plain = {};
    for (const relation of this.some(this.relations(model), 3))
      include[relation.name] = this.included(relation, depth);
    const listed = this.relations(model).filter((relation) => relation.list);
    if (listed.length > 0 && this.sometimes(50)) include._count = this.count(listed);
    return Object.keys(include).length > 0 ? { include } : {};
  }

  private included(relation: Relation, depth: number): unknown {
    const target = this.target(relation);
    if (this.sometimes(30)) return true;
    const inner = this.selection(target, depth - 1);
    if (!relation.list) return Object.keys(inner).length > 0 ? inner : true;
    return { ...inner, ...(this.sometimes(60) ? { where: this.where(target, 1) } : {}), take: 50 };
  }

  private count(relations: Relation[]): unknown {
    if (this.sometimes(40)) return true;
    const counted = (relation: Relation) =>
      this.sometimes(50) ? true : { where: this.where(this.target(relation), 1) };
    return { select: Object.fromEntries(relations.map((relation) => [relation.name, counted(relation)])) };
  }

  private marketOf(model: Model): Plain {
    if (model.marketField !== 'marketId') return {};
    return this.pick<Plain>({}, {}, { marketId: 'own:market' }, { marketId: 'other:market' });
  }

  private keys(of: Readonly<Record<string, string>> | undefined, skip: ReadonlySet<string>): Plain {
    return Object.fromEntries(
      Object.entries(of ?? {})
        .filter(([field]) => !skip.has(field))
        .map(([field, model]) => [field, this.id(model)]),
    );
  }

  createData(model: Model, depth = 1, skip: ReadonlySet<string> = new Set()): Plain {
    const base = { ...content[model.name], ...this.keys(references[model.name], skip) };
    const extra = this.sometimes(40) ? this.keys(optional[model.name], skip) : {};
    const market = skip.has('marketId') && this.sometimes(80) ? {} : this.marketOf(model);
    return { ...base, ...extra, ...market, ...this.nested(model, depth, (relation) => relation.list) };
  }

  /** Data by relations alone: the other of Prisma's two forms. */
  private linkedData(model: Model): Plain {
    const data: Plain = { ...content[model.name] };
    for (const relation of this.relations(model)) {
      if (!relation.holdsKey || relation.list) continue;
      const needed = relation.name !== 'market' && relation.name !== 'user';
      if (needed || this.sometimes(30)) data[relation.name] = { connect: this.unique(this.target(relation)) };
    }
    return data;
  }

  updateData(model: Model, depth = 1): Plain {
    const data: Plain = { ...changes[model.name] };
    if (this.sometimes(30))
      Object.assign(data, this.keys({ ...optional[model.name], ...references[model.name] }, new Set()));
    if (this.sometimes(20) && model.marketField === 'marketId')
      data.marketId = this.pick<unknown>('own:market', 'other:market', { set: 'other:market' });
    return { ...data, ...this.nested(model, depth, () => true) };
  }

  private nested(model: Model, depth: number, allowed: (relation: Relation) => boolean): Plain {
    const relations = this.relations(model).filter(allowed);
    if (depth === 0 || relations.length === 0 || this.sometimes(50)) return {};
    const relation = this.pick(...relations);
    return {
      [relation.name]: relation.list ? this.listWrite(relation, depth) : this.oneWrite(relation, depth),
    };
  }

  private listWrite(relation: Relation, depth: number): Plain {
    const target = this.target(relation);
    const create = () => this.createData(target, depth - 1, new Set(relation.key));
    const verb = this.pick(
      'create',
      'createMany',
      'connect',
      'connectOrCreate',
      'set',
      'disconnect',
      'delete',
      'deleteMany',
      'update',
      'updateMany',
      'upsert',
    );
    const writes: Record<typeof verb, () => unknown> = {
      create,
      createMany: () => ({ data: [this.createData(target, 0, new Set(relation.key))] }),
      connect: () => [this.unique(target)],
      connectOrCreate: () => ({ where: this.unique(target), create: create() }),
      set: () => [this.unique(target)],
      disconnect: () => this.unique(target),
      delete: () => [this.unique(target)],
      deleteMany: () => this.where(target, 1),
      update: () => ({ where: this.unique(target), data: this.updateData(target, depth - 1) }),
      updateMany: () => ({ where: this.where(target, 1), data: { ...changes[target.name] } }),
      upsert: () => ({ where: this.unique(target), create: create(), update: this.updateData(target, 0) }),
    };
    return { [verb]: writes[verb]() };
  }

  private oneWrite(relation: Relation, depth: number): Plain {
    const target = this.target(relation);
    const create = () => this.createData(target, 0, new Set(relation.holdsKey ? [] : relation.key));
    const verb = this.pick(
      'create',
      'connect',
      'connectOrCreate',
      'disconnect',
      'delete',
      'update',
      'upsert',
    );
    const writes: Record<typeof verb, () => unknown> = {
      create,
      connect: () => this.unique(target),
      connectOrCreate: () => ({ where: this.unique(target), create: create() }),
      disconnect: () => this.pick<unknown>(true, this.where(target, 1)),
      delete: () => this.pick<unknown>(true, this.where(target, 1)),
      update: () =>
        this.pick<unknown>(this.updateData(target, depth - 1), {
          where: this.where(target, 1),
          data: { ...changes[target.name] },
        }),
      upsert: () => ({ create: create(), update: this.updateData(target, 0) }),
    };
    return { [verb]: writes[verb]() };
  }

  /** One operation on one model. */
  operation(names: readonly string[], models: readonly string[]): PlannedOperation {
    const model = this.models.get(this.pick(...models))!;
    const operation = this.pick(...names);
    return { model: model.name, operation, args: this.args(model, operation) };
  }

  private args(model: Model, operation: string): Plain {
    const anyData = () => (this.sometimes(30) ? this.linkedData(model) : this.createData(model));
    switch (operation) {
      case 'findUnique':
      case 'findUniqueOrThrow':
        return { where: this.unique(model), ...this.selection(model) };
      case 'create':
        return { data: anyData(), ...this.selection(model, 1) };
      case 'createMany':
      case 'createManyAndReturn':
        return { data: [this.createData(model, 0)] };
      case 'update':
        return { where: this.unique(model), data: this.updateData(model), ...this.selection(model, 1) };
      case 'updateMany':
      case 'updateManyAndReturn':
        return { where: this.where(model), data: this.updateData(model, 0) };
      case 'upsert':
        return { where: this.unique(model), create: anyData(), update: this.updateData(model, 0) };
      case 'delete':
        return { where: this.unique(model), ...this.selection(model, 1) };
      case 'deleteMany':
      case 'count':
        return { where: this.where(model) };
      case 'aggregate':
        return { where: this.where(model), _count: true };
      case 'groupBy':
        return {
          by: [this.keyField(model)],
          where: this.where(model),
          _count: true,
          orderBy: { [this.keyField(model)]: 'asc' },
        };
      default:
        return {
          where: this.where(model),
          ...this.selection(model),
          ...(this.sometimes(20) ? { cursor: this.unique(model), take: 9 } : {}),
        };
    }
  }

  private keyField(model: Model): string {
    if (model.fields.has('id')) return 'id';
    const [fields] = [...model.compounds.values()];
    return fields?.find((field) => field !== 'marketId' && field !== 'day') ?? 'marketId';
  }
}

/** A plan's placeholders as real ids. `unknown` in the place of the other market stands for ids that nobody has. */
export function withIds(
  value: unknown,
  own: ArrangedMarket,
  other: ArrangedMarket | 'unknown',
  seen = new Map<string, string>(),
): unknown {
  if (Array.isArray(value)) return value.map((item) => withIds(item, own, other, seen));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, withIds(item, own, other, seen)]),
    );
  }
  if (typeof value !== 'string' || !/^(own|other):|^none$/.test(value)) return value;
  if (!seen.has(value)) seen.set(value, realId(value, own, other));
  return seen.get(value);
}

function realId(name: string, own: ArrangedMarket, other: ArrangedMarket | 'unknown'): string {
  const [whose, list, place] = name.split(':');
  const market = whose === 'own' ? own : other;
  if (!list || market === 'unknown') return randomUUID();
  if (list === 'market') return market.id;
  return (
    (market as unknown as Record<string, readonly string[] | undefined>)[list]?.[Number(place)] ??
    randomUUID()
  );
}
