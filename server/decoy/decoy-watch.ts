import { v7 as uuid } from 'uuid';
import type { Surface } from '../market/scope.ts';
import type { DecoyGate } from './decoy-gate.ts';

/** Where the mark was seen. `file` is an answer that is a download; `rows`: the decoy's rows are not as they were planted. */
export type Place = 'answer' | 'file' | 'mail' | 'message' | 'log' | 'rows';

/** Who could have read it, as far as that is known. Never what stood around the mark. */
export interface Sighting {
  readonly place: Place;
  readonly surface?: Surface;
  readonly receipt?: string;
  readonly viewerMarket?: string | null;
  readonly viewer?: string;
  readonly route?: string;
}

/** Looks for the decoy's mark in what leaves the process. */
export interface DecoyWatch {
  /** Null until the decoy has been planted: there is nothing to look for. */
  readonly mark: string | null;
  sees(text: string | Uint8Array): boolean;
  /** Raises the alarm. Never throws: what can't be written now is tried again with the next refresh. */
  report(sighting: Sighting): void;
  /** Asks for the mark, and hands in what is still unwritten. */
  refresh(): Promise<void>;
  /** Refreshes now and then. @returns what ends it. */
  start(): () => Promise<void>;
}

interface WatchParts {
  readonly gate: DecoyGate;
  readonly surface: Surface;
  readonly onError: (error: Error) => void;
}

const REFRESH_MS = 30_000;
/** A leak in every answer must not become a flood of rows: one alarm says enough. */
const MOST_WAITING = 200;

/** Looks at nothing before its first refresh. */
export function createDecoyWatch({ gate, surface, onError }: WatchParts): DecoyWatch {
  let mark: string | null = null;
  let bytes = Buffer.alloc(0);
  let waiting: object[] = [];
  let writing: Promise<void> = Promise.resolve();

  const write = async () => {
    const batch = waiting.splice(0);
    if (batch.length === 0) return;
    await gate.addSightings(batch).catch((error: Error) => {
      waiting = [...batch, ...waiting].slice(0, MOST_WAITING);
      onError(error);
    });
  };
  const flush = () => {
    writing = writing.then(write);
    return writing;
  };
  const refresh = async () => {
    await flush();
    mark = await gate.findMark();
    bytes = Buffer.from(mark ?? '');
  };

  return {
    get mark() {
      return mark;
    },
    sees: (text) => {
      if (mark === null) return false;
      return typeof text === 'string' ? text.includes(mark) : view(text).includes(bytes);
    },
    report: (sighting) => {
      if (waiting.length < MOST_WAITING) waiting.push(rowOf(sighting, surface));
      void flush();
    },
    refresh,
    start: () => {
      const again = () => void refresh().catch(onError);
      again();
      const timer = setInterval(again, REFRESH_MS).unref();
      return async () => {
        clearInterval(timer);
        await flush();
      };
    },
  };
}

const view = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function rowOf(sighting: Sighting, surface: Surface): object {
  return {
    ...{ id: uuid(), at: new Date().toISOString(), place: sighting.place },
    surface: sighting.surface ?? surface,
    receipt: sighting.receipt ?? '',
    viewer_market: sighting.viewerMarket ?? null,
    viewer: sighting.viewer ?? '',
    route: (sighting.route ?? '').slice(0, 200),
  };
}
