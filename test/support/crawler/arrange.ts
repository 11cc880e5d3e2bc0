import type { ClientBase } from 'pg';
import sharp from 'sharp';
import { createUploads } from '../../../server/images/uploads.ts';
import { fixtureId, type Side } from '../fixture/sides.ts';
import { quoted, readTables } from '../fixture/tables.ts';

export const SIDES = ['amber', 'basil'] as const;

/** Amounts that stand in no row but Basil's: wherever one shows up, a figure of it leaked. */
export const BASIL_PRICE = 7_654_321;
export const BASIL_FIGURES = ['7654321', '7,654,321', '76,543.21', '8765432', '87,654.32'];

/** Codes of its claims, as stored and as people read them. */
export const BASIL_CODES = ['BASX'];

/** Rows in each state that some route asks for, made from the fixture's own; the same in both markets. */
const copies: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  offer: {
    complete: `is_submitted = false, submission = 0, ends_at = '2099-01-01', import_key = 'k-complete'`,
    live: `submission = 1, is_submitted = true, ends_at = '2099-01-01', import_key = 'k-live'`,
    rejected: `submission = 1, is_submitted = true, ends_at = '2099-01-01', import_key = 'k-rejected'`,
    ended: `ended_at = '2026-06-01', is_submitted = false, ends_at = '2099-01-01', import_key = 'k-ended'`,
  },
  import_job: { checked: `state = 'checked'`, done: `state = 'done'` },
  branch: { closed: `state = 'closed'` },
  team_member: {
    removed: `state = 'removed', user_id = null, email = email || '.removed', invitation_digest = null`,
  },
};
const sharedCopies = { staff_user: { disabled: `state = 'disabled', email = 'disabled@example.test'` } };

export const extraVariants = (table: string): string[] =>
  Object.keys({ ...copies[table], ...(sharedCopies as typeof copies)[table] });

/** Makes the two-markets fixture one in which every route of both portals has something to work on. */
export async function arrange(client: ClientBase, uploadsDir: string): Promise<void> {
  await client.query(`
    update plan set max_branches = 1000, max_live_offers = 1000, max_team_members = 1000;
    update offer set claim_limit_per_shopper = 100, claim_limit = 1000;
    update branch set phone = '+966 11 000 0000', hours = '[]';
    update offer set ends_at = '2099-01-01';
    update message_recipient set state = 'unknown', attempt_id = id, attempted_at = now() where id in (
      '${fixtureId('message_recipient', 'amber', 'spare')}', '${fixtureId('message_recipient', 'basil', 'spare')}');
    update team_member set invitation_ends_at = '2099-01-01' where state = 'invited';
    update import_job set headers = '["Handle","Title","Variant Price"]', mapping = '{"handle":0,"title":1,"price":2}',
      options = '{"format":{"encoding":"utf-8","delimiter":",","quote":"\\"","hasSeparatorLine":false},"rows":1,
        "locale":"en","price":"first","hidden":"skip"}'`);
  for (const [table, variants] of Object.entries(copies))
    for (const side of SIDES)
      for (const [variant, changes] of Object.entries(variants))
        await copyRow(client, table, side, variant, changes);
  await copyRow(client, 'staff_user', 'shared', 'disabled', sharedCopies.staff_user.disabled);
  await client.query(`
    insert into offer_branch (market_id, offer_id, branch_id)
      select market_id, offer.id, branch.id from offer join branch using (market_id)
      where branch.state = 'open' on conflict do nothing`);
  await addThirdMarket(client);
  await client.query('update offer set price = $1, old_price = $2 where market_id = $3', [
    ...[BASIL_PRICE, 8_765_432, fixtureId('market', 'basil')],
  ]);
  await decide(client);
  await client.query(`
    update offer_decision d set content_digest = o.content_digest, content = jsonb_build_object(
      'titleEn', o.title_en || ' before', 'titleAr', o.title_ar, 'textEn', o.text_en, 'textAr', o.text_ar,
      'price', o.price, 'oldPrice', o.old_price, 'currency', o.currency, 'categoryId', o.category_id,
      'imageId', o.image_id, 'startsAt', null, 'endsAt', '2099-01-01T00:00:00.000Z', 'branchIds', '[]'::jsonb)
    from offer o where o.market_id = d.market_id and o.id = d.offer_id`);
  await writeFiles(client, uploadsDir);
}

async function copyRow(
  client: ClientBase,
  table: string,
  side: Side,
  variant: string,
  changes: string,
): Promise<void> {
  const shape = (await readTables(client)).find(({ name }) => name === table);
  const columns = (shape?.columns ?? [])
    .filter(({ generated, name }) => !generated && name !== 'id')
    .map(({ name }) => quoted(name));
  const id = fixtureId(table, side, variant);
  const unique = columns.filter((name) => ['"email"', '"user_id"', '"import_key"'].includes(name));
  const values = columns.map((name) => {
    if (!unique.includes(name)) return name;
    return name === '"user_id"' ? 'null' : `${name} || '.${variant}'`;
  });
  await client.query(
    `insert into ${table} (id, ${columns.join(', ')}) select $1, ${values.join(', ')} from ${table} where id = $2
     on conflict do nothing`,
    [id, fixtureId(table, side, table === 'team_member' ? 'spare' : 'main')],
  );
  await client.query(`update ${table} set ${changes} where id = $1`, [id]);
}

/** The verdict is about the content as it stands, so it is given last. */
async function decide(client: ClientBase): Promise<void> {
  for (const side of SIDES) {
    for (const [variant, decision] of [
      ['live', 'approved'],
      ['rejected', 'rejected'],
    ]) {
      await client.query(
        `update offer set decision = $2, decision_digest = content_digest, decided_at = now() where id = $1`,
        [fixtureId('offer', side, variant), decision],
      );
    }
  }
}

/** A market beside the two, of which Amber's manager is a member too. */
async function addThirdMarket(client: ClientBase): Promise<void> {
  const cedar = fixtureId('market', 'shared', 'cedar');
  await client.query(
    `insert into market (id, slug, name_en, name_ar, state, plan_id, updated_at)
     values ($1, 'cedar', 'Cedar', 'أرز', 'active', 'fixturemain', now())`,
    [cedar],
  );
  await client.query(
    `insert into team_member (market_id, id, user_id, email, name, role, state, joined_at)
     values ($1, $2, $3, 'amber.manager@cedar.test', 'Guest', 'analyst', 'active', now())`,
    [cedar, fixtureId('team_member', 'shared', 'cedar'), fixtureId('partner_user', 'amber', 'manager')],
  );
}

/** A file for every row that says it has one. Basil's carry its marker. */
export async function writeFiles(client: ClientBase, uploadsDir: string): Promise<void> {
  const uploads = createUploads(uploadsDir);
  const picture = await webp();
  const { rows } = await client.query<{ market: string; id: string; name: string }>(`
    select market_id as market, id, id || '.webp' as name from image
    union all select market_id, id, id || '.csv' from import_job`);
  for (const { market, id, name } of rows) {
    const side = market === fixtureId('market', 'basil') ? 'basil' : 'amber';
    const csv = `Handle,Title,Variant Price\nhandle-${side},marker-${side} from file ${id},12.50\n`;
    const bytes = name.endsWith('.csv')
      ? Buffer.from(csv)
      : Buffer.concat([picture, Buffer.from(`marker-${side}`)]);
    await uploads.write(market, name, bytes);
  }
}

let made: Promise<Buffer> | undefined;

/** A real, small picture. */
export function webp(): Promise<Buffer> {
  made ??= sharp({ create: { width: 8, height: 8, channels: 3, background: '#0a7' } })
    .webp()
    .toBuffer();
  return made;
}
