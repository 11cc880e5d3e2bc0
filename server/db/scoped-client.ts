import type { Scope } from '../market/scope.ts';
import type { ModelMap } from '../market/scoping/model-map.ts';
import { operations, scopeArgs } from '../market/scoping/scope-args.ts';
import { ScopeViolation } from '../market/scoping/scope-violation.ts';
import { uncarried } from './db.errors.ts';
import { Prisma } from './generated/client.ts';
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

/** How arguments are held to a scope. Tests swap it to see that row-level security holds alone. */
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

interface Facade {
  readonly scope: Scope;
  readonly target: Target;
  readonly scoping: Scoping;
}

const lowerFirst = (name: string) => name[0]!.toLowerCase() + name.slice(1);

/** One model's operations. Nothing else of Prisma's delegate is passed on. */
class ScopedDelegate {
  readonly facade: Facade;
  readonly model: string;

  constructor(facade: Facade, model: string) {
    this.facade = facade;
    this.model = model;
  }

  get fields(): unknown {
    return (this.facade.target.prisma[lowerFirst(this.model)] as { fields: unknown }).fields;
  }
}

for (const operation of operations) {
  Object.defineProperty(ScopedDelegate.prototype, operation, {
    value(this: ScopedDelegate, args: unknown) {
      const { model, facade } = this;
      const { scope, target, scoping } = facade;
      const run: Start<unknown, Target> = (on, resolve, reject) => {
        const scoped = scoping(model, operation, args, scope);
        const delegate = on.prisma[lowerFirst(model)] as Delegate;
        inScope(on, scope, false, () => delegate[scoped.operation]!(scoped.args).then(resolve, reject));
      };
      return new Operation(scope, target, run);
    },
  });
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

class ScopedFacade implements Facade {
  readonly scope: Scope;
  readonly target: Target;
  readonly scoping: Scoping;
  readonly delegates: Record<string, ScopedDelegate> = {};

  constructor(scope: Scope, target: Target, scoping: Scoping) {
    this.scope = scope;
    this.target = target;
    this.scoping = scoping;
  }

  $queryRaw(query: unknown, ...values: unknown[]) {
    return this.raw('$queryRaw', query, values);
  }

  $executeRaw(query: unknown, ...values: unknown[]) {
    return this.raw('$executeRaw', query, values);
  }

  private raw(method: '$queryRaw' | '$executeRaw', query: unknown, values: unknown[]) {
    checkTemplate(query);
    const { scope } = this;
    const run: Start<unknown, Target> = (on, resolve, reject) =>
      inScope(on, scope, true, () => on.prisma[method](query, ...values).then(resolve, reject));
    return new Operation(scope, this.target, run);
  }

  async $transaction(work: unknown, options: TransactionOptions = {}): Promise<unknown> {
    const run = Array.isArray(work)
      ? inOrder(work, this.scope)
      : (work as (tx: ScopedFacade) => Promise<unknown>);
    if (this.target.transaction) return run(this);
    const { timeout = TRANSACTION.timeout, maxWait = TRANSACTION.maxWait, isolationLevel } = options;
    if (!(timeout > 0 && timeout <= MAX_TRANSACTION))
      throw new RangeError('A transaction may take up to 50 seconds');
    const transaction: Running = { scope: this.scope, raw: false };
    const inside = (prisma: Prismatic) =>
      run(new (this.constructor as typeof ScopedFacade)(this.scope, { prisma, transaction }, this.scoping));
    try {
      return await running.run(transaction, () =>
        this.target.prisma.$transaction(inside, { timeout, maxWait, isolationLevel }),
      );
    } catch (error) {
      throw uncarried(error);
    }
  }
}

/** Operations that were made but not awaited, run one behind the other in the transaction. */
function inOrder(work: unknown[], scope: Scope): (tx: ScopedFacade) => Promise<unknown[]> {
  for (const operation of work) {
    if (!(operation instanceof Operation) || operation.scope !== scope) {
      throw new TypeError('$transaction takes operations of its own client that have not been awaited');
    }
  }
  return async (tx) => {
    const results: unknown[] = [];
    for (const operation of work as Operation<unknown, Target>[]) results.push(await operation.on(tx.target));
    return results;
  };
}

/** Makes scoped clients over one Prisma client: one getter a model, its delegate made when first used. */
export function scopedClients(
  prisma: unknown,
  models: ModelMap,
  scoping: Scoping,
): (scope: Scope) => ScopedClient {
  class Scoped extends ScopedFacade {}
  for (const model of models.keys()) {
    const name = lowerFirst(model);
    Object.defineProperty(Scoped.prototype, name, {
      get(this: Scoped) {
        this.delegates[name] ??= new ScopedDelegate(this, model);
        return this.delegates[name];
      },
    });
  }
  return (scope) =>
    new Scoped(scope, { prisma: prisma as Prismatic, transaction: null }, scoping) as unknown as ScopedClient;
}
