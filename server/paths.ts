import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The checkout's root: the nearest folder above with package.json, from source and from dist/ alike. */
function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('No package.json above the server code');
  return findRoot(parent);
}

export const root = findRoot(import.meta.dirname);
export const views = join(root, 'views');
export const messages = join(root, 'server/i18n');
export const modules = join(root, 'node_modules');
export const prismaFolder = join(root, 'prisma');
/** What this installation keeps and git does not: secrets, uploads, the dev mailbox, the embedded server. */
export const state = join(root, '.bulkhead');
