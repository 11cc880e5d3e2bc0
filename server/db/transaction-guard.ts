import type { SessionPool } from './pool.ts';
import type { Running } from './running.ts';
import type { Session } from './session.ts';

/** What PostgreSQL would say, so that it is reported like the rest. */
const failure = (code: string, message: string) =>
  Object.assign(new Error(message), { severity: 'ERROR', code });

/** Watches one transaction's connection: nothing runs on it once it has ended, and it goes back once. */
export class TransactionGuard {
  private readonly pool: SessionPool;
  private readonly session: Session;
  private readonly now: Running;
  private over = false;
  private released = false;
  private fault: unknown;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(pool: SessionPool, session: Session, now: Running) {
    this.pool = pool;
    this.session = session;
    this.now = now;
  }

  get raw(): boolean {
    return this.now.raw;
  }

  /**
   * Runs one statement. An operation that was not awaited may come after the end, when the connection
   * already belongs to somebody else's transaction: it is refused.
   */
  run<T extends { readonly tag: string }>(sql: string, send: (session: Session) => Promise<T>): Promise<T> {
    // Prisma loads the relations of one query side by side; pg's client is to be asked one thing at a time.
    const result = this.turn.then(() => this.next(sql, send));
    this.turn = result.catch(() => undefined);
    return result;
  }

  private async next<T extends { readonly tag: string }>(
    sql: string,
    send: (session: Session) => Promise<T>,
  ): Promise<T> {
    const ends = sql === 'COMMIT' || sql === 'ROLLBACK';
    if (this.released || (this.over && !ends)) throw failure('25P01', 'The transaction has ended');
    this.over ||= ends;
    try {
      const result = await send(this.session);
      this.check(sql, ends, result.tag);
      return result;
    } catch (error) {
      this.fault = error;
      throw error;
    }
  }

  /** COMMIT of a failed transaction is answered `ROLLBACK`, no error; and hand-written SQL may end one early. */
  private check(sql: string, ends: boolean, tag: string): void {
    if (sql === 'COMMIT' && tag !== 'COMMIT')
      throw failure('25P02', 'The transaction had failed and was rolled back');
    if (ends || this.session.transactionStatus !== 'I') return;
    this.session.lost = true;
    throw failure('25P01', 'The transaction was ended from inside');
  }

  release(): void {
    if (this.released) return;
    this.released = true;
    this.pool.release(this.session, this.now.raw, this.fault);
  }
}
