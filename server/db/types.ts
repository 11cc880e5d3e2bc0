import type * as runtime from '@prisma/client/runtime/client';
import type { Scope } from '../market/scope.ts';
import type { Prisma, PrismaClient } from './generated/client.ts';

export type { Prisma } from './generated/client.ts';
/** What features may know of the generated client: the shapes of rows and arguments, never the client itself. */
export type * from './generated/models.ts';

type ModelName = keyof Prisma.TypeMap['model'];
type Args<
  M extends ModelName,
  O extends keyof Prisma.TypeMap['model'][M]['operations'],
> = Prisma.TypeMap['model'][M]['operations'][O] extends { args: infer A } ? A : never;
type Found<M extends ModelName, A, O extends runtime.Operation> = runtime.Types.Result.GetResult<
  Prisma.TypeMap['model'][M]['payload'],
  A,
  O,
  Record<never, never>
>;

/** A market's row may be named by its id alone; the scope knows the market. */
type ById<A> = A extends { where: infer W }
  ? Omit<A, 'where'> & { where: W | ({ id: string } & Partial<Omit<W, 'id'>>) }
  : A;
type Subset<A, B> = { [K in keyof A]: K extends keyof B ? A[K] : never };

interface KeyedOperations<M extends ModelName> {
  findUnique<A extends ById<Args<M, 'findUnique'>>>(
    args: Subset<A, ById<Args<M, 'findUnique'>>>,
  ): Promise<Found<M, A, 'findUnique'> | null>;
  findUniqueOrThrow<A extends ById<Args<M, 'findUniqueOrThrow'>>>(
    args: Subset<A, ById<Args<M, 'findUniqueOrThrow'>>>,
  ): Promise<Found<M, A, 'findUniqueOrThrow'>>;
  update<A extends ById<Args<M, 'update'>>>(
    args: Subset<A, ById<Args<M, 'update'>>>,
  ): Promise<Found<M, A, 'update'>>;
  upsert<A extends ById<Args<M, 'upsert'>>>(
    args: Subset<A, ById<Args<M, 'upsert'>>>,
  ): Promise<Found<M, A, 'upsert'>>;
  delete<A extends ById<Args<M, 'delete'>>>(
    args: Subset<A, ById<Args<M, 'delete'>>>,
  ): Promise<Found<M, A, 'delete'>>;
}

type Delegates = {
  [M in ModelName as Uncapitalize<M>]: Omit<PrismaClient[Uncapitalize<M>], keyof KeyedOperations<M>> &
    KeyedOperations<M>;
};

/** Times in milliseconds. A context is valid for a minute, so no transaction may take longer. */
export interface TransactionOptions {
  readonly timeout?: number;
  readonly maxWait?: number;
  readonly isolationLevel?: Prisma.TransactionIsolationLevel;
}

type Results<O extends readonly unknown[]> = { -readonly [K in keyof O]: Awaited<O[K]> };

/** Prisma as a feature sees it: every operation runs under `scope`, whatever its arguments say. */
export type ScopedClient = Delegates & {
  readonly scope: Scope;
  /** Runs in one transaction and rolls back when `work` throws. Inside of another one it joins that. */
  $transaction<T>(work: (tx: ScopedClient) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Runs operations that have not been awaited yet, in order, in one transaction. */
  $transaction<O extends readonly Promise<unknown>[]>(
    operations: readonly [...O],
    options?: TransactionOptions,
  ): Promise<Results<O>>;
  /** A tagged template alone; values become parameters. Costs the connection a reset afterwards. */
  $queryRaw<T = unknown>(query: TemplateStringsArray | Prisma.Sql, ...values: unknown[]): Promise<T>;
  /** As `$queryRaw`, for the number of rows affected. */
  $executeRaw(query: TemplateStringsArray | Prisma.Sql, ...values: unknown[]): Promise<number>;
};
