import type { Database } from '../../db/client.ts';
import type { Scope } from '../../market/scope.ts';
import type { LayerGate } from '../layer-gate.ts';
import { compareLayers, type LayerParts } from './compare-layers.ts';
import { type AskedRead, type Question, questionOf } from './question.ts';

/** A request that has been answered, and what it read. */
export interface AnsweredRequest {
  readonly scope: Scope;
  readonly receipt: string;
  readonly reads: readonly AskedRead[];
}

/** Compares what layers say by themselves, for a sample of requests and after their answers. */
export interface LayerWatch {
  /** Whether the request that begins shall have its reads kept. */
  draws(): boolean;
  /** Picks one read and compares it in its turn. Drops it when there is too much to do. Never throws. */
  take(request: AnsweredRequest): void;
  /** When everything that was taken has been compared. */
  settled(): Promise<void>;
  readonly compared: number;
  close(): Promise<void>;
}

export interface LayerWatchOptions extends Omit<LayerParts, 'policiesAlone'> {
  readonly policiesAlone: Pick<Database, 'scoped' | 'close'>;
  readonly gate: LayerGate;
  /** The share of requests, 0 to 1. */
  readonly rate: number;
  readonly onError: (error: Error) => void;
  readonly mostPerMinute?: number;
}

const MOST_PER_MINUTE = 30;
const MOST_WAITING = 5;

interface Taken {
  readonly scope: Scope;
  readonly receipt: string;
  readonly question: Question;
}

/** Connects nothing before its first comparison. */
export function createLayerWatch(options: LayerWatchOptions): LayerWatch {
  const { database, policiesAlone, gate, rate, onError, mostPerMinute = MOST_PER_MINUTE } = options;
  const began: number[] = [];
  let [waiting, compared, isClosed] = [0, 0, false];
  let working: Promise<void> = Promise.resolve();

  const hasRoom = () => {
    while (began.length > 0 && began[0]! < Date.now() - 60_000) began.shift();
    return !isClosed && waiting < MOST_WAITING && began.length < mostPerMinute;
  };
  const compare = async ({ scope, receipt, question }: Taken) => {
    const { differences } = await compareLayers(options, scope, question);
    compared += 1;
    const marketId = scope.marketId!;
    if (differences.length > 0) await gate.add({ receipt, marketId, model: question.model }, differences);
  };

  return {
    draws: () => Math.random() < rate && hasRoom(),
    take: (request) => {
      if (!isPartners(request.scope) || !hasRoom()) return;
      const { trace: _, ...scope } = request.scope;
      const question = pick(request.reads, (read) => questionOf(database.scoped(scope), read));
      if (!question) return;
      began.push(Date.now());
      waiting += 1;
      const taken = { scope, receipt: request.receipt, question };
      working = working
        .then(() => (isClosed ? undefined : compare(taken)))
        .catch(onError)
        .finally(() => {
          waiting -= 1;
        });
    },
    settled: () => working,
    get compared() {
      return compared;
    },
    close: async () => {
      isClosed = true;
      await policiesAlone.close();
    },
  };
}

/** Support sessions read under conditions of their own, which staff's reads don't have. */
const isPartners = ({ surface, marketId, support }: Scope): boolean =>
  surface === 'partner' && marketId !== null && !support;

/** Any of the reads that can be compared, each as likely as the others. */
function pick(reads: readonly AskedRead[], ask: (read: AskedRead) => Question | null): Question | null {
  const questions = reads.flatMap((read) => ask(read) ?? []);
  return questions[Math.floor(Math.random() * questions.length)] ?? null;
}
