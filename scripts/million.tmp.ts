import { scriptConfig } from '../server/config.ts';
import { withClient } from '../server/db/setup/connect.ts';
import { withDatabase } from './database.ts';

const script = scriptConfig();
await withDatabase(script, ({ url }) =>
  withClient(url, async (client) => {
    const m = '00000000-0000-7000-8000-000000000001';
    await client.query(
      `insert into market (id, slug, name_en, name_ar, state, plan_id, updated_at) select '${m}', 'big', 'Big', 'Big', 'active', id, now() from plan limit 1 on conflict do nothing`,
    );
    for (let i = 0; i < 1000; i++) {
      const t = Date.now();
      await client.query(`insert into audit_entry (market_id, id, surface, actor_kind, actor_id, actor_name, action, subject_type, subject_id, details, receipt, changes)
      select '${m}', gen_random_uuid(), 'partner', 'partner', '${m}', 'Owner', 'offer.edit', 'offer', g::text, '{"from":"live"}', gen_random_uuid()::text, '{"titleEn":{"before":"a","after":"b"}}' from generate_series(1, 1000) g`);
      if (i % 100 === 0) console.log(i, Date.now() - t, 'ms');
    }
    await client.query('vacuum analyze audit_entry; ');
    await client.query('vacuum analyze audit_link; ');
  }),
);
