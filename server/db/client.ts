import type { ContextKey } from '../market/context.ts';
import type { Scope } from '../market/scope.ts';
import { accessOf } from '../market/scoping/access.ts';
import { type ModelMap, readModelMap } from '../market/scoping/model-map.ts';
import { createDirect, type Direct } from './direct.ts';
import { type ContextMode, Escorts } from './escorts.ts';
import { PrismaClient } from './generated/client.ts';
import { type PoolOptions, SessionPool } from './pool.ts';
import { type Scoping, scopedClients, scopingOf } from './scoped-client.ts';
import { ScopedStockPg } from './stock-adapter.ts';
import { ThinPg } from './thin-adapter.ts';
import type { ScopedClient } from './types.ts';

export type { ScopedClient } from './types.ts';

export interface DatabaseOptions extends Partial<Omit<PoolOptions, 'url' | 'size' | 'named'>> {
  /** PostgreSQL address with one of the portals' logins. */
  readonly url: string;
  /** Signs every context; the login's own surface. */
  readonly key: ContextKey;
  readonly poolSize?: number;
  /** False behind a pooler that can't follow prepared statements. */
  readonly namedStatements?: boolean;
  readonly contextMode?: ContextMode;
  readonly adapter?: 'thin' | 'stock';
  /** Replaces the argument scoping, to see row-level security hold by itself: where layers are compared, and in tests. */
  readonly scoping?: (models: ModelMap) => Scoping;
}

/** The only way to the database: there is no client without a scope. */
export interface Database {
  /** Throws ScopeViolation for a scope that is none. */
  scoped(scope: Scope): ScopedClient;
  /** Fixed statements under a scope, past Prisma. Throws ScopeViolation for a scope that is none. */
  direct(scope: Scope): Direct;
  /** Opens a connection, so that a wrong address fails now and not at the first request. */
  connect(): Promise<void>;
  close(): Promise<void>;
  /** Connections of this process: in all, idle, and callers waiting for one. */
  readonly pool: { readonly total: number; readonly idle: number; readonly waiting: number };
}

/** Connects nothing yet. */
export function createDatabase(options: DatabaseOptions): Database {
  const named = options.namedStatements ?? true;
  const pool = new SessionPool({ ...options, size: options.poolSize ?? 10, named });
  const escorts = new Escorts({ key: options.key, mode: options.contextMode ?? 'implicit', named });
  const Adapter = options.adapter === 'stock' ? ScopedStockPg : ThinPg;
  const parts = { pool, escorts, named };
  const adapter = new Adapter(parts);
  const direct = createDirect(parts);
  const prisma = new PrismaClient({ adapter, errorFormat: 'minimal' });
  const models = readModelMap(schemaOf(prisma));
  const client = scopedClients(prisma, models, (options.scoping ?? scopingOf)(models));
  return {
    direct,
    scoped(scope) {
      accessOf(scope);
      return client(scope);
    },
    async connect() {
      pool.release(await pool.acquire(), false);
      await prisma.$connect();
    },
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
    get pool() {
      return { total: pool.total, idle: pool.idle, waiting: pool.waiters };
    },
  };
}

/** The schema text that the client was generated from; the runtime's own data model has no keys in it. */
function schemaOf(prisma: unknown): string {
  const schema = (prisma as { _engineConfig?: { inlineSchema?: unknown } })._engineConfig?.inlineSchema;
  if (typeof schema !== 'string') throw new Error('This version of Prisma does not carry its schema');
  return schema;
}
