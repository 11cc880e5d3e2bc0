import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v7 } from 'uuid';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Files on disk, each under its market's own folder. Names are ids that this process made, never a client's. */
export interface Uploads {
  readonly path: (marketId: string, name: string) => string;
  readonly write: (marketId: string, name: string, bytes: Buffer) => Promise<void>;
  /** Null when there is no such file. */
  readonly read: (marketId: string, name: string) => Promise<Buffer | null>;
  readonly remove: (marketId: string, name: string) => Promise<void>;
}

/** @param directory the folder that holds one folder a market. */
export function createUploads(directory: string): Uploads {
  const path = (marketId: string, name: string): string => {
    // The last gate before the file system: a market or name that is not ours never becomes a path.
    if (!UUID.test(marketId) || !/^[0-9a-f-]{36}\.(webp|csv)$/.test(name)) throw new Error('not an upload');
    return join(directory, marketId, name);
  };
  return {
    path,
    write: async (marketId, name, bytes) => {
      const target = path(marketId, name);
      await mkdir(join(directory, marketId), { recursive: true, mode: 0o700 });
      // Renamed into place, so that nobody ever reads half a file.
      const draft = `${target}.${v7()}.part`;
      await writeFile(draft, bytes, { mode: 0o600 });
      await rename(draft, target);
    },
    read: async (marketId, name) => {
      try {
        return await readFile(path(marketId, name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
    remove: async (marketId, name) => rm(path(marketId, name), { force: true }),
  };
}
