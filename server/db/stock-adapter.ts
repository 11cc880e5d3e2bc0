import { PrismaPg } from '@prisma/adapter-pg';
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import type { Field } from './batch.ts';
import { affected, prepareValue } from './convert.ts';
import { refusalOf } from './db.errors.ts';
import { endsConnection, type SessionPool } from './pool.ts';
import type { Parts } from './run-statement.ts';
import { currentRunning, type Running } from './running.ts';
import { alone, type Escort, type Session } from './session.ts';
import { TransactionGuard } from './transaction-guard.ts';

/** What adapter-pg asks of `pg`, and what it reads of the answer. */
interface Query {
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly types?: { getTypeParser(oid: number, format: 'text'): (value: string) => unknown };
}
interface Answer {
  readonly fields: readonly Field[];
  readonly rows: unknown[][];
  readonly rowCount: number;
  readonly tag: string;
}

async function send(session: Session, escort: Escort, query: Query): Promise<Answer> {
  const values = (query.values ?? []).map(prepareValue);
  const { fields, rows, tag } = await session.run(escort, query.text, values, false);
  const columns = fields ?? [];
  const parsers = columns.map((field) => query.types?.getTypeParser(field.dataTypeID, 'text') ?? String);
  const parsed = rows.map((row) =>
    row.map((value, index) => (value === null ? null : parsers[index]!(value))),
  );
  return { fields: columns, rows: parsed, rowCount: affected(tag), tag };
}

/** A transaction's connection as adapter-pg holds it: the context follows its BEGIN in the same batch. */
class StockTransactionClient {
  private readonly guard: TransactionGuard;
  private readonly begin: Escort;

  constructor(guard: TransactionGuard, begin: Escort) {
    this.guard = guard;
    this.begin = begin;
  }

  async query(query: Query): Promise<Answer> {
    const escort = query.text === 'BEGIN' ? this.begin : alone;
    try {
      return await this.guard.run(query.text, (session) => send(session, escort, query));
    } catch (error) {
      throw refusalOf(error);
    }
  }

  on(): void {}

  removeListener(): void {}

  release(): void {
    this.guard.release();
  }
}

/** The pool that stock adapter-pg is given: each query takes its context along, each transaction its own. */
class ContextPool extends pg.Pool {
  private readonly parts: Parts;
  private readonly sessions: SessionPool;

  constructor(parts: Parts) {
    super({ max: 1 });
    this.parts = parts;
    this.sessions = parts.pool;
  }

  override query(query: unknown): never {
    return this.run(query as Query, currentRunning()) as never;
  }

  private async run(query: Query, now: Running): Promise<Answer> {
    const session = await this.sessions.acquire();
    const escort = this.parts.escorts.statement(now.scope);
    let fault: unknown;
    try {
      return await send(session, escort, query);
    } catch (error) {
      fault = error;
      if (escort.lead > 1 && !endsConnection(error)) await session.rollback();
      throw refusalOf(error);
    } finally {
      this.sessions.release(session, now.raw, fault);
    }
  }

  override connect(): never {
    return this.open(currentRunning()) as never;
  }

  private async open(now: Running): Promise<StockTransactionClient> {
    const session = await this.sessions.acquire();
    const guard = new TransactionGuard(this.sessions, session, now);
    // adapter-pg sets the isolation level after BEGIN, which only a SET may come in front of.
    return new StockTransactionClient(guard, this.parts.escorts.beginLocal(now.scope));
  }
}

/** Stock adapter-pg with the same isolation: the way back when the thin adapter is in doubt. */
export class ScopedStockPg implements SqlDriverAdapterFactory {
  readonly provider = 'postgres';
  readonly adapterName = '@prisma/adapter-pg';
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  connect() {
    return new PrismaPg(new ContextPool(this.parts)).connect();
  }
}
