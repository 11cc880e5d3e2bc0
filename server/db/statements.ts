import type { Field } from './batch.ts';
import type { Shape } from './convert.ts';

/** A prepared statement of one connection. Its columns are known once it has run, and need no Describe again. */
export interface Statement {
  readonly name: string;
  fields: readonly Field[] | null;
  /** How its rows are converted, worked out when they are first wanted. */
  shape: Shape | null;
  /** Sent before, with an outcome that never arrived: the server may or may not know the name. */
  doubtful: boolean;
}

/** The named statements of one connection, one per SQL text, least recently used out first. */
export class Statements {
  private readonly known = new Map<string, Statement>();
  private readonly limit: number;
  private next = 0;
  /** Names to be forgotten by the server with the next batch. */
  private evicted: string[] = [];

  constructor(limit = 400) {
    this.limit = limit;
  }

  get(sql: string): Statement {
    const found = this.known.get(sql);
    if (found) {
      if (this.known.size * 2 > this.limit) {
        this.known.delete(sql);
        this.known.set(sql, found);
      }
      return found;
    }
    const statement = { name: `s${this.next++}`, fields: null, shape: null, doubtful: false };
    this.known.set(sql, statement);
    if (this.known.size > this.limit) this.evictOldest();
    return statement;
  }

  private evictOldest(): void {
    const [sql, oldest] = this.known.entries().next().value!;
    this.known.delete(sql);
    this.evicted.push(oldest.name);
  }

  /** Drops one statement, so that its next use parses it afresh. */
  drop(sql: string): void {
    const statement = this.known.get(sql);
    if (!statement) return;
    this.known.delete(sql);
    this.evicted.push(statement.name);
  }

  takeEvicted(): readonly string[] {
    if (this.evicted.length === 0) return this.evicted;
    const names = this.evicted;
    this.evicted = [];
    return names;
  }

  /** After DISCARD ALL the server knows none of them. */
  clear(): void {
    this.known.clear();
    this.evicted = [];
  }
}
