import { v7 as uuid } from 'uuid';
import type { ReceiptGate } from './receipt-gate.ts';

/** A row of `receipt`, or of `platform_receipt` where `market_id` is null. */
export interface ReceiptRow {
  readonly id: string;
  readonly market_id: string | null;
  readonly [column: string]: unknown;
}

/** Where receipts wait until they are written, off the requests' path. */
export interface ReceiptLog {
  add(row: ReceiptRow): void;
  /** Writes what waits. Never throws: what can't be written now waits on, or is counted as lost. */
  flush(): Promise<void>;
  /** Flushes every second and forgets old receipts every hour. @returns what ends it, after a last flush. */
  start(): () => Promise<void>;
  /** How many were lost since the process began. */
  readonly lost: number;
}

interface LogParts {
  readonly gate: ReceiptGate;
  readonly surface: 'admin' | 'partner';
  readonly days: number;
  readonly onError: (error: Error) => void;
  /** How many may wait; for tests. */
  readonly room?: number;
}

const FLUSH_MS = 1_000;
const FORGET_MS = 3_600_000;
const BATCH = 500;
const ROOM = 20_000;

export function createReceiptLog({ gate, surface, days, onError, room = ROOM }: LogParts): ReceiptLog {
  let waiting: ReceiptRow[] = [];
  let [lost, untold] = [0, 0];
  let writing: Promise<void> = Promise.resolve();
  const lose = (count: number) => {
    lost += count;
    untold += count;
  };

  const insertAll = (rows: readonly ReceiptRow[]) =>
    gate.insert(
      rows.filter((row) => row.market_id !== null),
      rows.filter((row) => row.market_id === null),
    );
  /** A row that the database will never take must not block the others, or take them along. */
  const insert = async (batch: readonly ReceiptRow[]) => {
    try {
      await insertAll(batch);
    } catch (error) {
      if (!isRefused(error)) throw error;
      onError(error as Error);
      for (const row of batch) {
        await insertAll([row]).catch((refusal: unknown) => {
          if (!isRefused(refusal)) throw refusal;
          lose(1);
        });
      }
    }
  };

  const write = async () => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, BATCH);
      try {
        await insert(batch);
      } catch (error) {
        onError(error as Error);
        waiting = [...batch, ...waiting];
        return;
      }
    }
    await tellLoss();
  };
  const tellLoss = async () => {
    const count = untold;
    if (count === 0) return;
    untold = 0;
    await gate.insertLoss({ id: uuid(), at: new Date(), surface, lost: count }).catch((error: Error) => {
      untold += count;
      onError(error);
    });
  };
  const flush = () => {
    writing = writing.then(write);
    return writing;
  };

  return {
    add: (row) => {
      if (waiting.length >= room) lose(1);
      else if (waiting.push(row) >= BATCH) void flush();
    },
    flush,
    get lost() {
      return lost;
    },
    start: () => {
      const flusher = setInterval(() => void flush(), FLUSH_MS).unref();
      const forgetter = setInterval(() => gate.forget(days).catch(onError), FORGET_MS).unref();
      gate.forget(days).catch(onError);
      return async () => {
        clearInterval(flusher);
        clearInterval(forgetter);
        await flush();
      };
    },
  };
}

/** The server looked at the statement and said no: classes 22 (data) and 23 (constraints). */
function isRefused(error: unknown): boolean {
  return /^2[23]/.test(String((error as { code?: unknown }).code ?? ''));
}
