import { DEMO_LOGINS, seed } from '../prisma/seed.ts';
import { withClient } from '../server/db/setup/connect.ts';

/** Fills a database without markets with the demo ones. @returns lines about the demo logins, if it has them. */
export async function seedIfEmpty(url: string, uploadsDir: string): Promise<string[]> {
  await seed({ url, uploadsDir });
  const hasDemo = await withClient(url, async (client) => {
    const found = await client.query('select exists (select from market where is_demo) as demo');
    return found.rows[0].demo as boolean;
  });
  if (!hasDemo) return [];
  const width = Math.max(...DEMO_LOGINS.map(({ email }) => email.length));
  return [
    'Demo logins:',
    ...DEMO_LOGINS.map(
      ({ portal, email, password }) => `${portal.padEnd(8)} ${email.padEnd(width)}  ${password}`,
    ),
    '',
  ];
}
