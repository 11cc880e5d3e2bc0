import { DEMO_LOGINS, seed } from '../prisma/seed.ts';
import { withClient } from '../server/db/setup/connect.ts';
import { keyText } from '../server/public/publishable-key.ts';
import { DEMO_SHOP } from './demo-shop/market.ts';

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

/** The demo market's publishable key that any page may embed; null when there is none, or none any more. */
export async function demoKey(url: string): Promise<string | null> {
  const found = await withClient(url, (client) =>
    client.query(
      `select key.id from publishable_key as key join market on market.id = key.market_id
       where market.is_demo and market.slug = $1 and key.revoked_at is null and cardinality(key.origins) = 0
         and coalesce(key.expires_at > current_timestamp, true)
       order by key.created_at, key.id limit 1`,
      [DEMO_SHOP],
    ),
  );
  return found.rows[0] ? keyText(found.rows[0].id) : null;
}
