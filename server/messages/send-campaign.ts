import { createHash } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import type { Database } from '../db/client.ts';
import { type Direct, sql } from '../db/direct.ts';
import type { Messages } from '../i18n/i18n.ts';
import type { Channels, Message, Outcome } from './channel.ts';
import { type OfferFacts, offerPath, offerText } from './offer-text.ts';
import { newOptOut, optOut } from './opt-out.ts';

export interface SendTools {
  /** Under a job's scope of the campaign's market. */
  readonly direct: Direct;
  /** The public surface's: to end messages in the name of a shopper whose provider says that they want none. */
  readonly open: Pick<Database, 'direct'>;
  readonly channels: Channels;
  readonly messages: Messages;
  readonly signal: AbortSignal;
  /** Seconds after which a try without an answer counts as lost. */
  readonly lostAfter: number;
}

/** Messages of one campaign that are on their way at once. */
const AT_ONCE = 4;
const MOST_TRIES = 8;
/** So many providers' errors in a row are not about single messages any more. */
const IN_A_ROW = 4;
const REST = 60;

/** How one run over a campaign goes: anything that stops one sender stops all of them. */
interface Run {
  readonly campaignId: string;
  readonly facts: OfferFacts;
  isOver: boolean;
  errors: number;
}

/**
 * Sends what a campaign has left, as far as that is possible now. Safe to run in any number of processes at once: each
 * recipient is claimed in a transaction of its own before a provider hears of it, and by one of them alone.
 * @returns how the campaign ended, or null while it has something left.
 */
export async function sendCampaign(tools: SendTools, campaignId: string): Promise<string | null> {
  const { direct, lostAfter } = tools;
  await direct.rows(
    sql`select app.lose_messages(${campaignId}::uuid, make_interval(secs => ${lostAfter}::double precision))`,
  );
  const [begun] = await direct.rows<{ may: boolean }>(
    sql`select app.begin_messages(${campaignId}::uuid) as may`,
  );
  const facts = begun?.may ? await findFacts(direct, campaignId) : null;
  if (facts) {
    const run: Run = { campaignId, facts, isOver: false, errors: 0 };
    await Promise.all(Array.from({ length: AT_ONCE }, () => sendInTurn(tools, run)));
  }
  return finish(direct, campaignId);
}

async function sendInTurn(tools: SendTools, run: Run): Promise<void> {
  while (!run.isOver && !tools.signal.aborted) {
    const attempt = uuid();
    const link = newOptOut();
    const claimed = await claim(tools.direct, run.campaignId, attempt, link.digest);
    if (!claimed) return;
    const message = compose(tools, run.facts, claimed, link);
    const outcome = await trySending(tools, claimed, message);
    await settle(tools, run, { attempt, claimed, outcome });
  }
}

interface Claimed {
  readonly id: string;
  readonly shopper_id: string;
  readonly channel: 'email' | 'whatsapp';
  readonly locale: 'en' | 'ar';
  readonly address: string;
  readonly attempts: number;
}

async function claim({ rows }: Direct, campaignId: string, attempt: string, digest: string) {
  const [claimed] = await rows<Claimed>(sql`
    select id, shopper_id, channel, locale, address, attempts
    from app.claim_message(${campaignId}::uuid, ${attempt}::uuid, ${digest})`);
  return claimed ?? null;
}

function compose(
  { direct, messages }: SendTools,
  facts: OfferFacts,
  { id: recipientId, locale, address }: Claimed,
  link: ReturnType<typeof newOptOut>,
): Message {
  const marketId = direct.scope.marketId!;
  return {
    ...offerText(facts, locale, messages.translator(locale)),
    ...{ marketId, recipientId, address, offerPath: offerPath(facts, locale) },
    optOutPath: link.path(marketId, recipientId),
  };
}

async function trySending(
  { channels }: SendTools,
  { channel, attempts }: Claimed,
  message: Message,
): Promise<Outcome> {
  const way = channels[channel];
  // Taken out of the settings since: it waits for somebody to put it back, or to cancel.
  if (!way) return { kind: 'wait', trouble: 'access', seconds: REST };
  const outcome = await way.send(message);
  const isLast = outcome.kind === 'again' && attempts >= MOST_TRIES;
  return isLast ? { kind: 'failed', reason: outcome.reason } : outcome;
}

interface Tried {
  readonly attempt: string;
  readonly claimed: Claimed;
  readonly outcome: Outcome;
}

/** Writes down what came of a try, and what it means for those behind it. */
async function settle(
  { direct, open }: SendTools,
  run: Run,
  { attempt, claimed, outcome }: Tried,
): Promise<void> {
  const digest = outcome.kind === 'sent' ? digestOf(outcome.providerId) : null;
  const reason = 'reason' in outcome ? outcome.reason : null;
  // First, or another sender would take up again what is put back now.
  if (outcome.kind === 'wait') await pause(direct, run, outcome.trouble, outcome.seconds);
  await direct.rows(
    sql`select app.record_message(${claimed.id}::uuid, ${attempt}::uuid, ${outcome.kind}, ${digest}, ${reason})`,
  );
  if (outcome.kind === 'failed' && outcome.optedOut) {
    const { shopper_id: shopperId, channel } = claimed;
    await optOut(open, { marketId: direct.scope.marketId!, shopperId, channel }, direct.scope.receipt);
  }
  run.errors = outcome.kind === 'again' || outcome.kind === 'unknown' ? run.errors + 1 : 0;
  if (run.errors >= IN_A_ROW) await pause(direct, run, 'provider', REST);
}

async function pause({ rows }: Direct, run: Run, trouble: string, seconds: number): Promise<void> {
  run.isOver = true;
  await rows(sql`
    select app.pause_messages(${run.campaignId}::uuid, ${trouble}, current_timestamp + make_interval(secs => ${seconds}::double precision))`);
}

/** Of a message id, never the id itself: WhatsApp's has the reader's number in it. */
export const digestOf = (providerId: string): string => createHash('sha256').update(providerId).digest('hex');

async function findFacts({ scope, rows }: Direct, campaignId: string): Promise<OfferFacts | null> {
  const [facts] = await rows<OfferFacts>(sql`
    select offer.id as "offerId", market.slug, market.name_en as "nameEn", market.name_ar as "nameAr",
      market.time_zone as "timeZone", offer.title_en as "titleEn", offer.title_ar as "titleAr", offer.text_en as "textEn",
      offer.text_ar as "textAr", offer.price, offer.old_price as "oldPrice", offer.currency, offer.ends_at as "endsAt"
    from message_campaign as campaign
    join offer on offer.market_id = campaign.market_id and offer.id = campaign.offer_id
    join market on market.id = campaign.market_id
    where campaign.market_id = ${scope.marketId} and campaign.id = ${campaignId}`);
  return facts ?? null;
}

/** With a note in the market's trail, in one statement: for the member who had it sent. */
async function finish({ scope, rows }: Direct, campaignId: string): Promise<string | null> {
  const { marketId, actor, receipt } = scope;
  const [ended] = await rows<{ outcome: string | null }>(sql`
    with ended as materialized (select app.finish_messages(${campaignId}::uuid) as outcome), noted as (
      insert into audit_entry (market_id, id, surface, actor_kind, actor_id, actor_name, action, subject_type, subject_id,
        details, receipt, on_behalf_of, changes)
      select ${marketId}::uuid, ${uuid()}::uuid, 'partner', 'job', ${actor.id}::uuid, ${actor.name}, 'message.finish',
        'message', ${campaignId}, jsonb_build_object('outcome', outcome), ${receipt},
        'member:' || coalesce(campaign.confirmed_by, campaign.member_id), jsonb_build_object('state', jsonb_build_object('after', outcome))
      from ended join message_campaign as campaign on campaign.market_id = ${marketId} and campaign.id = ${campaignId}
      where outcome is not null
    )
    select outcome from ended`);
  return ended?.outcome ?? null;
}
