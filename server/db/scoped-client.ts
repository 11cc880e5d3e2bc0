import type { Scope } from '../market/scope.ts';
import type { ModelMap } from '../market/scoping/model-map.ts';
import { operations, scopeArgs } from '../market/scoping/scope-args.ts';
import { ScopeViolation } from '../market/scoping/scope-violation.ts';
import { uncarried } from './db.errors.ts';
import { Prisma } from './generated/client.ts';
import { isRead, noted, noteRefusal, rawNoted } from './noting.ts';
import { Operation, type Start } from './operation.ts';
import { type Running, running } from './running.ts';
import type { ScopedClient, TransactionOptions } from './types.ts';

type Delegate = Record<string, (args: unknown) => PromiseLike<unknown>>;

/** As much of Prisma's client as is used here; inside a transaction it is the transaction's own. */
export interface Prismatic {
  [model: string]: unknown;
  $transaction(work: (tx: Prismatic) => Promise<unknown>, options: object): Promise<unknown>;
  $queryRaw(...query: unknown[]): PromiseLike<unknown>;
  $executeRaw(...query: unknown[]): PromiseLike<unknown>;
}

/** How arguments are held to a scope. Swapped where row-level security is to be seen holding alone. */
export type Scoping = (
  model: string,
  operation: string,
  args: unknown,
  scope: Scope,
) => { operation: string; args: unknown };

export const scopingOf =
  (models: ModelMap): Scoping =>
  (model, operation, args, scope) =>
    scopeArgs(models, model, operation, args, scope);

/** A context is valid for a minute; a transaction that outlives it would see nothing more. */
const MAX_TRANSACTION = 50_000;
const TRANSACTION = { timeout: 10_000, maxWait: 5_000 };

/** What runs: Prisma's client, and the transaction's own mark when there is one. */
interface Target {
  readonly prisma: Prismatic;
  readonly transaction: Running | null;
}

const lowerFirst = (name: string) => name[0]!.toLowerCase() + name.slice(1);

/**
 * One model's operations; nothing else of Prisma's delegate is passed on. What they run on is private at run
 * time too: no code that holds a scoped client can take the client behind it out of it.
 */
class ScopedDelegate {
  readonly #model: string;
  readonly #models: ModelMap;
  readonly #isHeld: boolean;
  readonly #scope: Scope;
  readonly #target: Target;
  readonly #scoping: Scoping;

  constructor({ model, models, isHeld }: Named, scope: Scope, target: Target, scoping: Scoping) {
    this.#model = model;
    this.#models = models;
    this.#isHeld = isHeld && scope.marketId !== null;
    this.#scope = scope;
    this.#target = target;
    this.#scoping = scoping;
  }

  get fields(): unknown {
    return (this.#target.prisma[lowerFirst(this.#model)] as { fields: unknown }).fields;
  }

  static {
    for (const operation of operations) {
      Object.defineProperty(ScopedDelegate.prototype, operation, {
        value(this: ScopedDelegate, args: unknown) {
          return this.#operation(operation, args);
        },
      });
    }
  }

  #operation(operation: string, args: unknown): Operation<unknown, Target> {
    const [model, scope, scoping] = [this.#model, this.#scope, this.#scoping];
    const called = { model, operation, injected: this.#isHeld, args, models: this.#models };
    const run: Start<unknown, Target> = (on, resolve, reject) => {
      const scoped = refusalsNoted(scope, model, () => scoping(model, operation, args, scope));
      if (scope.trace?.wantsReads && !on.transaction && isRead(operation))
        scope.trace.keepRead(model, operation, args);
      const delegate = on.prisma[lowerFirst(model)] as Delegate;
      const ends: Ends = scope.trace ? noted(scope.trace, called, resolve, reject) : [resolve, reject];
      inScope(on, scope, false, () => delegate[scoped.operation]!(scoped.args).then(...ends));
    };
    return new Operation(scope, this.#target, run);
  }
}

/** A model by name, and whether its rows are a market's. */
interface Named {
  readonly model: string;
  readonly models: ModelMap;
  readonly isHeld: boolean;
}

type Ends = [(value: unknown) => void, (error: unknown) => void];

function refusalsNoted<T>({ trace }: Scope, model: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    noteRefusal(trace, model, error);
    throw error;
  }
}

/** Prisma's promises are lazy: `then` is what starts them, so it has to be called inside of the scope. */
function inScope(target: Target, scope: Scope, raw: boolean, start: () => unknown): void {
  if (!target.transaction) running.run({ scope, raw }, start);
  else {
    target.transaction.raw ||= raw;
    start();
  }
}

/** A request body can't look like a template: JSON arrays carry no `raw`, and no class. */
function checkTemplate(query: unknown): void {
  const template = Array.isArray(query) && Array.isArray((query as unknown as TemplateStringsArray).raw);
  if (!template && !(query instanceof Prisma.Sql))
    throw new ScopeViolation('Hand-written SQL must be a tagged template');
}

/** A template's text without its values, which a receipt only looks at. */
const textOf = (query: unknown): string =>
  (Array.isArray(query) ? (query as readonly string[]) : (query as Prisma.Sql).strings).join('?');

class ScopedFacade {
  readonly scope: Scope;
  readonly #target: Target;
  readonly #scoping: Scoping;
  readonly #delegates: Record<string, ScopedDelegate> = {};

  constructor(scope: Scope, target: Target, scoping: Scoping) {
    this.scope = scope;
    this.#target = target;
    this.#scoping = scoping;
  }

  /** One getter a model; its delegate is made when first used. */
  static define(prototype: ScopedFacade, named: Named): void {
    const name = lowerFirst(named.model);
    Object.defineProperty(prototype, name, {
      get(this: ScopedFacade) {
        this.#delegates[name] ??= new ScopedDelegate(named, this.scope, this.#target, this.#scoping);
        return this.#delegates[name];
      },
    });
  }

  $queryRaw(query: unknown, ...values: unknown[]) {
    return this.#raw('$queryRaw', query, values);
  }

  $executeRaw(query: unknown, ...values: unknown[]) {
    return this.#raw('$executeRaw', query, values);
  }

  #raw(method: '$queryRaw' | '$executeRaw', query: unknown, values: unknown[]) {
    checkTemplate(query);
    const { scope } = this;
    const called = { text: textOf(query), executes: method === '$executeRaw' };
    const run: Start<unknown, Target> = (on, resolve, reject) => {
      const ends: Ends = scope.trace ? rawNoted(scope.trace, called, resolve, reject) : [resolve, reject];
      inScope(on, scope, true, () => on.prisma[method](query, ...values).then(...ends));
    };
    return new Operation(scope, this.#target, run);
  }

  async $transaction(work: unknown, options: TransactionOptions = {}): Promise<unknown> {
    const run: Work = Array.isArray(work)
      ? inOrder(work, this.scope)
      : (tx: ScopedFacade) => (work as (tx: ScopedFacade) => Promise<unknown>)(tx);
    if (this.#target.transaction) return run(this, this.#target);
    const { timeout = TRANSACTION.timeout, maxWait = TRANSACTION.maxWait, isolationLevel } = options;
    if (!(timeout > 0 && timeout <= MAX_TRANSACTION))
      throw new RangeError('A transaction may take up to 50 seconds');
    const transaction: Running = { scope: this.scope, raw: false };
    const inside = (prisma: Prismatic) => {
      const target = { prisma, transaction };
      return run(new (this.constructor as typeof ScopedFacade)(this.scope, target, this.#scoping), target);
    };
    try {
      return await running.run(transaction, () =>
        this.#target.prisma.$transaction(inside, { timeout, maxWait, isolationLevel }),
      );
    } catch (error) {
      throw uncarried(error);
    }
  }
}

type Work = (tx: ScopedFacade, target: Target) => Promise<unknown>;

/** Operations that were made but not awaited, run one behind the other in the transaction. */
function inOrder(work: unknown[], scope: Scope): Work {
  for (const operation of work) {
    if (!(operation instanceof Operation) || operation.scope !== scope) {
      throw new TypeError('$transaction takes operations of its own client that have not been awaited');
    }
  }
  return async (_tx, target) => {
    const results: unknown[] = [];
    for (const operation of work as Operation<unknown, Target>[]) results.push(await operation.on(target));
    return results;
  };
}

/** Makes scoped clients over one Prisma client. The scope is copied: nobody changes it afterwards. */
export function scopedClients(
  prisma: unknown,
  models: ModelMap,
  scoping: Scoping,
): (scope: Scope) => ScopedClient {
  class Scoped extends ScopedFacade {}
  for (const [model, { marketField }] of models)
    ScopedFacade.define(Scoped.prototype, { model, models, isHeld: Boolean(marketField) });
  return (scope) => {
    const frozen = Object.freeze({ ...scope, actor: Object.freeze({ ...scope.actor }) });
    const target = { prisma: prisma as Prismatic, transaction: null };
    return new Scoped(frozen, target, scoping) as unknown as ScopedClient;
  };
}
