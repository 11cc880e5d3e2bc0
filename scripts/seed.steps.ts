import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withClient } from '../server/db/setup/connect.ts';

interface SeedModule {
  seed(options: { url: string; uploadsDir: string }): Promise<void>;
  DEMO_LOGINS: readonly { portal: string; email: string; password: string; name?: string }[];
}

/** Fills an empty database with the demo markets, once. @returns lines about the demo logins, if there are any. */
export async function seedIfEmpty(url: string, uploadsDir: string): Promise<string[]> {
  const file = join(import.meta.dirname, '../prisma', `seed${extname(import.meta.filename)}`);
  if (!existsSync(file)) return [];
  const { seed, DEMO_LOGINS } = (await import(pathToFileURL(file).href)) as SeedModule;
  const [{ markets, demo }] = await withClient(url, async (client) => {
    const found = await client.query(
      'select count(*)::int as markets, count(*) filter (where is_demo)::int as demo from market',
    );
    return found.rows;
  });
  if (markets === 0) await seed({ url, uploadsDir });
  else if (demo === 0) return [];
  return [
    '',
    'Demo logins:',
    ...DEMO_LOGINS.map(({ portal, email, password }) => `${portal.padEnd(8)} ${email}  ${password}`),
  ];
}
