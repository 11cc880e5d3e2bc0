import { spawn } from 'node:child_process';
import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BootError } from '../server/boot-error.ts';
import { root } from '../server/paths.ts';

interface Options {
  readonly onlyIfStale: boolean;
  /** Ends the compiler when nobody waits for it any more. */
  readonly signal?: AbortSignal;
}

const generated = join(root, 'server/db/generated/client.ts');
const dist = join(root, 'dist');
const built = join(dist, '.built');

/** Prisma's client. The generator looks for an engine that it then does not use: any program will do for it. */
export async function generateClient({ onlyIfStale }: Options): Promise<void> {
  if (onlyIfStale && newest(generated) >= newest(join(root, 'prisma/schema.prisma'))) return;
  const env = {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  };
  await runTool('prisma', 'build/index.js', ['generate', '--config', '.config/prisma.ts', '--no-hints'], {
    env,
  });
}

/** dist/, by tsc alone. Types are checked by `npm run typecheck`; here they are only stripped, which is fast. */
export async function build({ onlyIfStale, signal }: Options): Promise<void> {
  const sources = ['server', 'scripts', 'prisma', 'admin.ts', 'partner.ts', 'tsconfig.json'];
  const before = new Date();
  if (onlyIfStale && newest(built) >= Math.max(...sources.map((name) => newest(join(root, name))))) return;
  rmSync(built, { force: true });
  await runTool('typescript', 'lib/tsc.js', ['-p', 'tsconfig.json', '--noCheck'], { signal });
  writeFileSync(built, '');
  // A file saved while tsc ran is newer than this, so the next start builds again.
  utimesSync(built, before, before);
}

/** Time of the last change in a file or folder, epoch milliseconds; 0 when it is not there. */
function newest(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return /\.(ts|json|prisma|built)$/.test(path) ? stat.mtimeMs : 0;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

async function runTool(
  module: string,
  file: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; signal?: AbortSignal | undefined },
): Promise<void> {
  const folder = dirname(createRequire(join(root, 'package.json')).resolve(`${module}/package.json`));
  const tool = spawn(process.execPath, [join(folder, file), ...args], {
    cwd: root,
    stdio: 'pipe',
    ...options,
  });
  let said = '';
  for (const stream of [tool.stdout, tool.stderr]) {
    stream.on('data', (chunk) => {
      said += chunk;
    });
  }
  tool.on('error', (error) => {
    said += error.message;
  });
  const code = await new Promise((resolve) => tool.once('close', resolve));
  if (code !== 0) throw new BootError(`${module} failed: ${said.trim().split('\n').slice(-3).join(' ')}`);
}
