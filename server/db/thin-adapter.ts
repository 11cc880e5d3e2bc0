import { PrismaPg } from '@prisma/adapter-pg';
import type {
  IsolationLevel,
  SqlDriverAdapter,
  SqlDriverAdapterFactory,
  SqlQuery,
  SqlQueryable,
  SqlResultSet,
  Transaction,
} from '@prisma/driver-adapter-utils';
import { affected, Converter, convertRows } from './convert.ts';
import { CarriedError, NoScopeError, refusalOf } from './db.errors.ts';
import { type Parts, runStatement } from './run-statement.ts';
import { currentRunning } from './running.ts';
import { alone, type Escort, type Ran, type Session } from './session.ts';
import { TransactionGuard } from './transaction-guard.ts';
import type { WireValue } from './wire.ts';

const isolationLevels = new Set<string>([
  'READ UNCOMMITTED',
  'READ COMMITTED',
  'REPEATABLE READ',
  'SERIALIZABLE',
]);

/** The part of a query that single statements and transactions share. */
abstract class ThinQueryable implements SqlQueryable {
  readonly provider = 'postgres';
  readonly adapterName = '@prisma/adapter-pg';
  protected readonly parts: Parts;
  protected readonly converter: Converter;

  constructor(parts: Parts, converter: Converter) {
    this.parts = parts;
    this.converter = converter;
  }

  protected abstract perform(query: SqlQuery): Promise<Ran>;

  async queryRaw(query: SqlQuery): Promise<SqlResultSet> {
    const { rows, fields, statement } = await this.perform(query);
    const shape = statement?.shape ?? (await this.converter.shape(statement?.fields ?? fields ?? []));
    if (statement) statement.shape = shape;
    const { columnNames, columnTypes, parsers } = shape;
    return { columnNames, columnTypes, rows: convertRows(rows, parsers) };
  }

  async executeRaw(query: SqlQuery): Promise<number> {
    return affected((await this.perform(query)).tag);
  }

  protected send(
    session: Session,
    escort: Escort,
    sql: string,
    values: readonly WireValue[],
    raw: boolean,
  ): Promise<Ran> {
    return session.run(escort, sql, values, this.parts.named && !raw);
  }

  protected fail(error: unknown): never {
    const refusal = refusalOf(error);
    if (refusal instanceof CarriedError) throw refusal;
    return this.converter.rethrow(error);
  }
}

class ThinTransaction extends ThinQueryable implements Transaction {
  readonly options = { usePhantomQuery: false };
  private readonly guard: TransactionGuard;

  constructor(parts: Parts, converter: Converter, guard: TransactionGuard) {
    super(parts, converter);
    this.guard = guard;
  }

  protected async perform(query: SqlQuery): Promise<Ran> {
    const { sql } = query;
    const values = this.converter.values(query);
    try {
      return await this.guard.run(sql, (session) => this.send(session, alone, sql, values, this.guard.raw));
    } catch (error) {
      return this.fail(error);
    }
  }

  async commit(): Promise<void> {
    this.guard.release();
  }

  async rollback(): Promise<void> {
    this.guard.release();
  }

  async createSavepoint(name: string): Promise<void> {
    await this.executeRaw({ sql: `SAVEPOINT ${name}`, args: [], argTypes: [] });
  }

  async rollbackToSavepoint(name: string): Promise<void> {
    await this.executeRaw({ sql: `ROLLBACK TO SAVEPOINT ${name}`, args: [], argTypes: [] });
  }

  async releaseSavepoint(name: string): Promise<void> {
    await this.executeRaw({ sql: `RELEASE SAVEPOINT ${name}`, args: [], argTypes: [] });
  }
}

class ThinAdapter extends ThinQueryable implements SqlDriverAdapter {
  protected async perform(query: SqlQuery): Promise<Ran> {
    const now = currentRunning();
    const values = this.converter.values(query);
    const statement = { text: query.sql, values, raw: now.raw };
    try {
      return await runStatement(this.parts, now.scope, statement);
    } catch (error) {
      return this.fail(error);
    }
  }

  async startTransaction(isolationLevel?: IsolationLevel): Promise<Transaction> {
    const now = currentRunning();
    const begin = beginSql(isolationLevel);
    const session = await this.parts.pool.acquire().catch((error) => this.fail(error));
    try {
      await this.send(session, this.parts.escorts.begin(now.scope), begin, [], now.raw);
      const guard = new TransactionGuard(this.parts.pool, session, now);
      return new ThinTransaction(this.parts, this.converter, guard);
    } catch (error) {
      this.parts.pool.release(session, true, error);
      return this.fail(error);
    }
  }

  /** Scripts hold many statements; nothing under a scope runs one. */
  async executeScript(): Promise<void> {
    throw new CarriedError(new NoScopeError());
  }

  getConnectionInfo() {
    return { supportsRelationJoins: true };
  }

  /** The pool belongs to the database that made it. */
  async dispose(): Promise<void> {}
}

function beginSql(level?: IsolationLevel): string {
  if (!level) return 'BEGIN';
  if (!isolationLevels.has(level)) throw new RangeError(`No such isolation level: ${level}`);
  return `BEGIN ISOLATION LEVEL ${level}`;
}

/** Prisma's adapter for PostgreSQL, with the context in the same batch as the query. */
export class ThinPg implements SqlDriverAdapterFactory {
  readonly provider = 'postgres';
  readonly adapterName = '@prisma/adapter-pg';
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  async connect(): Promise<SqlDriverAdapter> {
    const stock = await new PrismaPg(this.parts.pool.pg).connect();
    return new ThinAdapter(this.parts, new Converter(stock));
  }
}
