import { createHash, randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import type { Database } from '../db/client.ts';
import { sql } from '../db/direct.ts';
import { visitorScope } from '../market/scope.ts';
import { shopperScope } from '../shoppers/shopper-scope.ts';
import type { ChannelName } from './channel.ts';

const ID_BYTES = 16;
const SECRET_BYTES = 18;
const TOKEN = /^[\w-]{67}$/;

/**
 * The secret of one message's link. It is kept nowhere but in that message; the database has its digest. So it needs
 * no key, and still holds when keys have been rotated.
 */
export function newOptOut() {
  const secret = randomBytes(SECRET_BYTES);
  return {
    digest: digestOf(secret),
    path: (marketId: string, recipientId: string) =>
      `/unsubscribe/${Buffer.concat([bytesOf(marketId), bytesOf(recipientId), secret]).toString('base64url')}`,
  };
}

const digestOf = (secret: Buffer) => createHash('sha256').update(secret).digest('hex');
const bytesOf = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex');
const idOf = (bytes: Buffer) =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

export interface OptOut {
  readonly marketId: string;
  readonly shopperId: string;
  readonly channel: ChannelName;
}

/** Whose link it is; null for any doubt. Says nothing else, and can be asked of nothing else. */
export async function findOptOut(
  database: Pick<Database, 'direct'>,
  token: string,
  receipt: string,
): Promise<OptOut | null> {
  if (!TOKEN.test(token)) return null;
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== 2 * ID_BYTES + SECRET_BYTES) return null;
  const marketId = idOf(bytes.subarray(0, ID_BYTES));
  const recipientId = idOf(bytes.subarray(ID_BYTES, 2 * ID_BYTES));
  const digest = digestOf(bytes.subarray(2 * ID_BYTES));
  const [row] = await database
    .direct(visitorScope(marketId, receipt))
    .rows<{ shopper_id: string; channel: ChannelName }>(
      sql`select shopper_id, channel from app.opt_out_link(${recipientId}::uuid, ${digest})`,
    );
  return row ? { marketId, shopperId: row.shopper_id, channel: row.channel } : null;
}

/**
 * Ends messages of one channel in the shopper's own name; a note about it goes into the market's trail the first time,
 * while there is a market that shows its rows.
 */
export async function optOut(
  database: Pick<Database, 'direct'>,
  { marketId, shopperId, channel }: OptOut,
  receipt: string,
): Promise<void> {
  const { rows, scope } = database.direct(shopperScope(marketId, shopperId, receipt));
  await rows(sql`
    with before as materialized (
      select from shopper_contact as contact
      where ${channel} = 'email' and contact.market_id = ${marketId} and contact.shopper_id = ${shopperId}
        and contact.opted_in_at is not null
      union all
      select from shopper_phone as phone
      where ${channel} = 'whatsapp' and phone.market_id = ${marketId} and phone.shopper_id = ${shopperId}
        and phone.opted_in_at is not null
    ), noted as (
      insert into audit_entry (market_id, id, surface, actor_kind, actor_id, actor_name, action, subject_type, subject_id,
        details, receipt, changes)
      select ${marketId}::uuid, ${uuid()}::uuid, 'public', 'shopper', ${shopperId}::uuid, ${scope.actor.name},
        'shopper.opt-out', 'shopper', ${shopperId}, jsonb_build_object('channel', ${channel}::text), ${receipt},
        '{"optedIn": {"before": true, "after": false}}'
      from before
    )
    select app.opt_out(${channel}) from (select count(*) from before) as looked`);
}
