import type { Attack } from './injection-attacks.ts';
import { amber, basil, fixtureId } from './two-markets.ts';

const group = (outcome: Attack['outcome'], statements: Record<string, string>): Attack[] =>
  Object.entries(statements).map(([name, sql]) => ({ name, sql, outcome }));

const market = `'${amber.marketId}'`;
const shopper = `'${amber.shopper}'`;
const other = `'${amber.otherShopper}'`;
const live = `'${amber.liveOffer}'`;
const id = 'gen_random_uuid()';
const month = new Date().toISOString().slice(0, 7).replace('-', '_');
/** An id that says when its event was, as intake wants them. */
const fresh = `(select (lpad(to_hex(floor(extract(epoch from now()) * 1000)::bigint), 12, '0') || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid as id) e`;
const event = (
  kind: string,
  offer: string,
  when = "to_timestamp(('x' || left(replace(e.id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)",
) =>
  `insert into offer_event (market_id, id, offer_id, kind, occurred_at) select ${market}, e.id, ${offer}, '${kind}', ${when} from ${fresh}`;

/** What the storefront shows does come out: otherwise the rest would prove nothing. */
const shown = group('own', {
  'live offers': 'select title_en from offer',
  'open branches': 'select name_en from branch',
  'the market': 'select name_en from market',
  'pictures of live offers': `select id::text || ' marker-amber' as t from image`,
  'everything in one': `select title_en as t from offer union all select name_en from branch union all select name_en from market`,
  'xml of the schema': `select query_to_xml('select title_en from offer', true, true, '')::text`,
});

const nothing = group('nothing', {
  'drafts and ended offers': `select title_en from offer where state <> 'live' or ends_at < now()`,
  'closed branches': `select name_en from branch where state <> 'open'`,
  'offers of another market': `select title_en from offer where market_id = '${basil.marketId}'`,
  'the other market': `select name_en from market where id <> ${market}`,
  'pictures of drafts': `select id from image where id not in (select image_id from offer)`,
  'branches of drafts': `select offer_id from offer_branch where offer_id <> ${live}`,
  'counters of hidden offers': `select claimed from offer_claims where offer_id <> ${live}`,
  'other shoppers': `select id from shopper where id <> ${shopper}`,
  'their e-mails': `select email from shopper_contact where shopper_id <> ${shopper}`,
  'their claims': `select code from claim where shopper_id <> ${shopper} or shopper_id is null`,
  'their sessions': `select id from shopper_session where shopper_id <> ${shopper}`,
  'other keys': `select name from publishable_key where id <> '${amber.key}'`,
  'events by their ids': `select id from offer_event`,
  'an opt-in of others': `update shopper_contact set opted_in_at = now() where shopper_id <> ${shopper} returning email`,
  'a session of others ended': `update shopper_session set revoked_at = now() where shopper_id <> ${shopper} returning id`,
  'another key used': `update publishable_key set last_used_at = now() where id <> '${amber.key}' returning id`,
  'a market of a suspended address': `select app.market_of_slug('nobody') as id where app.market_of_slug('nobody') is not null`,
});

const denied = group('42501', {
  'moderation of offers': 'select decision, decision_reason from offer',
  'references of offers': 'select import_key from offer',
  'a whole offer': 'select * from offer',
  'plans of markets': 'select plan_id from market',
  team: 'select name from team_member',
  'audit trail': 'select details from audit_entry',
  'codes on their way': 'select code_digest from shopper_code',
  'offers of events': 'select offer_id from offer_event',
  'visitors of events': 'select visitor from offer_event',
  'a month of events': `select id from offer_event_${month}`,
  'events of a month written past the rules': `insert into offer_event_${month} select * from offer_event`,
  'figures by day': 'select events from event_day',
  'figures by hour': 'select events from event_hour',
  'intake figures': 'select events from event_intake',
  'rollup state': 'select * from rollup_state',
  'rollup tasks': 'select * from rollup_task',
  schedules: 'select * from export_schedule',
  benchmarks: 'select * from benchmark',
  plans: 'select * from plan',
  imports: 'select * from import_job',
  'sessions of partners': 'select * from partner_session',
  // Writing.
  'a claim event': event('claim', live),
  'a redemption event': event('redeem', live),
  'an event of the past month': event('view', live, `now() - interval '8 days'`),
  'an event of tomorrow': event('view', live, `now() + interval '1 day'`),
  'an event of another market': event('view', `'${basil.liveOffer}'`).replace(market, `'${basil.marketId}'`),
  'an event of a hidden offer': event('view', `'${amber.offer}'`),
  'who made a key': 'select created_by from publishable_key',
  'events rewritten': `update offer_event set kind = 'redeem'`,
  'events deleted': 'delete from offer_event',
  'a claim in another’s name': `insert into claim (market_id, id, offer_id, shopper_id) values (${market}, ${id}, ${live}, ${other})`,
  'a claim of nobody': `insert into claim (market_id, id, offer_id, shopper_id) values (${market}, ${id}, ${live}, null)`,
  'a claim with a code of its own': `insert into claim (market_id, id, offer_id, shopper_id, code) values (${market}, ${id}, ${live}, ${shopper}, 'X')`,
  'a claim redeemed': `update claim set state = 'redeemed'`,
  'a claim made another’s': `update claim set shopper_id = ${shopper}`,
  'a claim given back': 'delete from claim',
  'a counter set': 'update offer_claims set claimed = 0',
  'a counter made': `insert into offer_claims (market_id, offer_id) values (${market}, '${amber.offer}')`,
  'a limit lifted': 'update offer set claim_limit = null',
  'a price changed': 'update offer set price = 1',
  'a shopper made': `insert into shopper (market_id, id) values (${market}, ${id})`,
  'an address made': `insert into shopper_contact (market_id, shopper_id, email) values (${market}, ${shopper}, 'x@y.test')`,
  'an address changed': `update shopper_contact set email = 'x@y.test'`,
  'a shopper deleted': 'delete from shopper',
  'a code made': `insert into shopper_code (market_id, email_digest, code_digest, expires_at) values (${market}, 'x', 'x', now())`,
  'a session for another': `insert into shopper_session (market_id, id, shopper_id, expires_at) values (${market}, ${id}, ${other}, now() + interval '1 day')`,
  'a key made': `insert into publishable_key (market_id, id, name, created_by) values (${market}, ${id}, 'x', ${id})`,
  'a key unrevoked': 'update publishable_key set revoked_at = null',
  'a key without an end': 'update publishable_key set expires_at = null',
  'origins of a key': `update publishable_key set origins = '{}'`,
  'an audit row of the partner surface': `insert into audit_entry (market_id, id, surface, actor_kind, actor_id, actor_name, action, subject_type)
    values (${market}, ${id}, 'partner', 'partner', app.actor_id(), 'Owner', 'offer.delete', 'offer')`,
  'an audit row of another actor': `insert into audit_entry (market_id, id, surface, actor_kind, actor_id, actor_name, action, subject_type)
    values (${market}, ${id}, 'public', 'partner', '${amber.owner}', 'Owner', 'offer.delete', 'offer')`,
  'an audit row of another market': `insert into audit_entry (market_id, id, surface, actor_kind, actor_id, actor_name, action, subject_type)
    values ('${basil.marketId}', ${id}, 'public', 'key', app.actor_id(), 'x', 'x', 'offer')`,
  // Functions of others.
  'counting figures': 'select app.roll_up(1000)',
  'comparing figures': `select app.check_rollup('2026-01-01', '2026-12-31')`,
  'events counted by function': `select * from app.counted_events(${market}, 'UTC', '2026-05-01')`,
  'months dropped': 'select app.keep_event_partitions(0, 0, 0)',
  'benchmarks published': `select app.publish_benchmarks('2026-01-01')`,
  'a trigger called': 'select app.take_claim()',
  'a redemption called': 'select app.redeem_claim()',
  'an event called': 'select app.record_claim_event()',
  'a rollup queued': 'select app.queue_rollup()',
  'a code drawn': 'select app.new_claim_code()',
  'a market signed for': 'select app.signed_market_id()',
  'an id made': 'select app.uuid_at(now())',
  'the owner’s functions': `select app.offer_digest(1, 'a', 'a', 'a', 'a', 1, 1, 'a', ${id}, ${id}, now(), now())`,
  // Locks that would stop others.
  'offers locked': 'lock table offer in access exclusive mode',
  'claims locked': 'lock table claim in share row exclusive mode',
  'shoppers locked': 'lock table shopper in exclusive mode',
  'counters locked': 'select claimed from offer_claims for update',
  'offers locked by row': 'select title_en from offer for update',
});

/** Of the public surface; those against portals are tried as well, one by one. */
export const publicAttacks: readonly Attack[] = [...shown, ...nothing, ...denied];

/** Each pair must be answered with the same words: what is hidden, and what does not exist. */
export const unlikeNothing: Readonly<Record<string, (id: string) => string>> = {
  'an event of an offer': (offer) => event('view', `'${offer}'`),
  'an event at a branch': (branch) =>
    event('view', live)
      .replace('offer_id, kind', 'offer_id, branch_id, kind')
      .replace(`${live}, 'view'`, `${live}, '${branch}', 'view'`),
  'a claim of an offer': (offer) =>
    `insert into claim (market_id, id, offer_id, shopper_id) values (${market}, ${id}, '${offer}', ${shopper})`,
  'a claim of a shopper': (who) =>
    `insert into claim (market_id, id, offer_id, shopper_id) values (${market}, ${id}, ${live}, '${who}')`,
  'a session of a shopper': (who) =>
    `insert into shopper_session (market_id, id, shopper_id, expires_at) values (${market}, ${id}, '${who}', now())`,
};

export const hiddenIds: Readonly<Record<string, readonly string[]>> = {
  'an event of an offer': [amber.offer, fixtureId('offer', 'amber', 'draft'), basil.liveOffer, basil.offer],
  'an event at a branch': [amber.branch, basil.branch],
  'a claim of an offer': [amber.offer, fixtureId('offer', 'amber', 'draft'), basil.liveOffer, basil.offer],
  'a claim of a shopper': [amber.otherShopper, basil.shopper],
  'a session of a shopper': [amber.otherShopper, basil.shopper],
};
