import type { Database } from '../db/client.ts';
import { sql } from '../db/direct.ts';
import { marketJobScope } from '../jobs/job-scope.ts';
import { digestOf } from './send-campaign.ts';
import type { DeliveryStatus } from './whatsapp-webhook.ts';

/**
 * Moves a recipient on by what its provider told, under a scope of the market that the message was sent for: one that
 * names another market's message finds nothing. @returns whether anything moved.
 */
export async function noteDelivery(
  database: Pick<Database, 'direct'>,
  { marketId, recipientId, providerId, status, at, reason }: DeliveryStatus,
  receipt: string,
): Promise<boolean> {
  const [row] = await database.direct(marketJobScope(marketId, receipt)).rows<{ moved: boolean }>(sql`
    select app.settle_message(${recipientId}::uuid, ${digestOf(providerId)}, ${status}, ${at}, ${reason}) as moved`);
  return row!.moved;
}
