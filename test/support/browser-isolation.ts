import type { BrowserContextOptions } from 'playwright-core';
import { type Demo, windowOf } from './browser-demo.ts';
import { press } from './browser-session.ts';

const ACKNOWLEDGED = `(select id from staff_user where role = 'operator' limit 1)`;
const FIVE = Array.from({ length: 5 }, (_, n) => `0193d2b4-5c6e-7f80-9a1b-00000000000${n}`);

/** What the isolation pages show once there is something to show: a round, a certificate, and alarms of each kind. */
export async function fillIsolation(demo: Demo): Promise<void> {
  const { context, page } = await windowOf(demo, 'admin', 'operator@example.com');
  await page.goto('/isolation/probes');
  await press(page, 'form[action="/isolation/probes"] button');
  await page.goto('/isolation/certificates');
  await press(page, 'form[action="/isolation/certificates"] button');
  await page.goto('/audit/verification');
  await press(page, 'form[action="/audit/verification"] button');
  await context.close();
  await demo.portals.sql(
    `insert into layer_difference (id, receipt, of_market, model, layer, both_rows, alone_rows, ids, acknowledged_at, acknowledged_by)
     select gen_random_uuid(), gen_random_uuid(), id, 'ShopperContact', layer, 3, 1204, $1, at, by
     from (select id from market where slug = 'murooj') as market,
       (values ('policies', null, null), ('arguments', current_timestamp, ${ACKNOWLEDGED})) as said(layer, at, by)`,
    [FIVE],
  );
  await demo.portals.sql(
    `insert into decoy_sighting (id, place, surface, receipt, viewer, route, acknowledged_at, acknowledged_by)
     select gen_random_uuid(), place, 'partner', $1, 'owner@murooj.example.com', 'GET /analytics/offers/:id/branches', at, by
     from (values ('answer', null, null), ('file', current_timestamp, ${ACKNOWLEDGED})) as said(place, at, by)`,
    [FIVE[0]],
  );
}

/** A support session on its way: where its link leads, and the session itself once somebody has entered. */
export async function openSupportSession(demo: Demo) {
  await demo.portals.sql(`update market set support_consent = 'always' where slug = 'murooj'`);
  const [market] = await demo.portals.sql<{ id: string }>(`select id from market where slug = 'murooj'`);
  const { context, page } = await windowOf(demo, 'admin', 'support@example.com');
  await page.goto(`/markets/${market!.id}/support-sessions/new`);
  await page.fill('[name=reason]', 'The owner asks why an offer can’t be opened');
  await page.fill('[name=ticket]', 'CASE-2');
  await press(page, 'form[action="/support-sessions"] button');
  await press(page, 'form[action$="/link"] button');
  const entry = (await page.locator('a[href*="/support-session/entry"]').getAttribute('href'))!;
  await context.close();
  const enter = async (): Promise<BrowserContextOptions['storageState']> => {
    const looking = await windowOf(demo, 'partner', null);
    await looking.page.goto(entry);
    await press(looking.page, 'form[action="/support-session/entry"] button');
    const state = await looking.context.storageState();
    await looking.context.close();
    return state;
  };
  return { entry, enter };
}
