import type { Attack } from './injection-attacks.ts';
import { amber, basil } from './two-markets.ts';

const group = (outcome: Attack['outcome'], statements: Record<string, string>): Attack[] =>
  Object.entries(statements).map(([name, sql]) => ({ name, sql, outcome }));

const market = `'${amber.marketId}'`;
const device = `'${amber.device}'`;
const other = `'${amber.revokedDevice}'`;
const soon = `now() + interval '1 minute'`;
const entry = (who: string, surface: string, of = market) =>
  `insert into audit_entry (market_id, id, surface, actor_kind, actor_id, actor_name, action, subject_type)
   values (${of}, gen_random_uuid(), '${surface}', 'device', ${who}, 'x', 'device.pair', 'device')`;

const handedIn = (who: string, branch: string, of = market) =>
  `insert into redemption (market_id, device_id, id, branch_id, code, body_hash, device_at)
   values (${of}, ${who}, gen_random_uuid(), '${branch}', 'X', 'x', now())`;

/** What somebody tries whose SQL runs as a till. Outcomes are those of one that works. */
export const deviceAttacks: readonly Attack[] = [
  ...group('own', {
    'its own row': 'select id, name, state from device',
    'its market’s name': 'select id, name_en from market',
    'its branch': 'select * from branch',
    'all branches': `select * from branch where true or market_id = '${basil.marketId}'`,
    'live offers of its branch': 'select title_en from offer',
    'their claims': 'select code, state, title_en from claim',
    'what it has handed in': 'select code, body_hash, state, answer from redemption',
    'all of them together': 'select d.name, b.name_en from device d, branch b, market m',
    'an update of its queue': 'update device set queue_depth = 1 - queue_depth + queue_depth returning name',
  }),
  ...group('nothing', {
    'other tills': `select name from device where id <> ${device}`,
    'other branches': `select * from branch where id <> '${amber.branch}'`,
    'other markets': `select name_en from market where id <> ${market}`,
    'another till’s spent ids': `select * from device_spent_id where device_id <> ${device}`,
    'another till’s queue': `update device set queue_depth = 9 where id <> ${device} returning id`,
    'another’s spent ids, to answer a challenge again': `delete from device_spent_id where device_id <> ${device} returning id`,
  }),
  ...group('nothing', {
    'offers that are not live': `select title_en from offer where state <> 'live'`,
    'claims of other markets': `select code from claim where market_id <> ${market}`,
    'where else offers hold': `select offer_id from sync_reach where branch_id = '${amber.secondBranch}'`,
    'changes of other markets': `select row_id from sync_change where market_id <> ${market}`,
    'what another till has handed in': `select code from redemption where device_id <> ${device}`,
    'another till’s lease': `select id from quota_lease where device_id <> ${device}`,
    'another till’s lease settled': `select * from app.settle_lease('${amber.revokedLease}')`,
  }),
  ...group('error 42501|42501', {
    'a claim redeemed by hand': `update claim set state = 'redeemed'`,
    'whose claim it is': 'select shopper_id from claim',
    'who redeemed it, and where': 'select redeemed_by, branch_id from claim',
    'what staff said of an offer': 'select decision_reason from offer',
    'where offers hold': 'select * from offer_branch',
    'an operation taken back': 'delete from redemption',
    'an answer rewritten': `update redemption set state = 'applied'`,
    'a conflict decided': `update redemption set resolution = 'honoured'`,
    'what a conflict is about': 'select kind, claim_id, resolution from redemption',
    'a redemption that is applied already': `insert into redemption (market_id, device_id, id, branch_id, code, body_hash, device_at, state)
      values (${market}, ${device}, gen_random_uuid(), '${amber.branch}', 'X', 'x', now(), 'applied')`,
    'a redemption of another branch': handedIn(device, amber.secondBranch),
    'a redemption of another till': handedIn(other, amber.branch),
    'a redemption of another market': handedIn(`'${basil.device}'`, basil.branch, `'${basil.marketId}'`),
    'a lease of its own making': `insert into quota_lease (market_id, id, device_id, period, granted, expires_at)
      values (${market}, gen_random_uuid(), ${device}, current_date, 9, now())`,
    'quota handed back': `select app.return_quota('sync_pushes', current_date, 9)`,
    'quota taken': `select app.try_quota('sync_pushes', 9, now())`,
    'the order of changes': 'select * from sync_epoch',
    'the order begun anew': 'select app.begin_sync_epoch()',
    'a change that was none': `insert into sync_change (market_id, row_id, collection, xid) values (${market}, gen_random_uuid(), 'market', 1)`,
    'who added it': 'select created_by from device',
    'who revoked it': 'select revoked_by from device',
    'the market’s plan': 'select plan_id from market',
    'the team': 'select * from team_member',
    people: 'select * from partner_user',
    shoppers: 'select * from shopper',
    'shoppers’ addresses': 'select * from shopper_contact',
    'publishable keys': 'select * from publishable_key',
    sessions: 'select * from partner_session',
    staff: 'select * from staff_user',
    'pairing codes': 'select * from device_pairing',
    'the audit trail': 'select * from audit_entry',
    'the signing keys': 'select * from vault.context_key',
    figures: 'select * from event_day',
    exports: 'select * from export_schedule',
    plans: 'select * from plan',
    'a till of one’s own': `insert into device (market_id, id, branch_id, name, public_key, thumbprint, created_by)
      select market_id, gen_random_uuid(), branch_id, 'mine', public_key, thumbprint, created_by from device`,
    'a pairing of one’s own': `insert into device_pairing (market_id, id, branch_id, name, code_digest)
      values (${market}, gen_random_uuid(), '${amber.branch}', 'mine', 'x')`,
    'another key': `update device set public_key = '{}', thumbprint = 'x'`,
    'another branch': `update device set branch_id = '${amber.secondBranch}'`,
    'another name': `update device set name = 'mine'`,
    'its state': `update device set state = 'active', revoked_at = null`,
    'to be gone': 'delete from device',
    'the market’s name': `update market set name_en = 'mine'`,
    'the branch’s name': `update branch set name_en = 'mine'`,
    'a challenge of another till spent': `insert into device_spent_id (market_id, device_id, id, expires_at)
      values (${market}, ${other}, 'x', ${soon})`,
    'a challenge of another market’s till spent': `insert into device_spent_id (market_id, device_id, id, expires_at)
      values ('${basil.marketId}', '${basil.device}', 'x', ${soon})`,
    'an entry in another’s name': entry(other, 'device'),
    'an entry in the owner’s name': entry(`'${amber.owner}'`, 'device'),
    'an entry of the portal': entry(device, 'partner'),
    'an entry of staff': entry(device, 'admin'),
    'an entry in another market': entry(device, 'device', `'${basil.marketId}'`),
    'a pairing through the gate’s function': `select * from app.pair_device('x', '{}', 'x', '', '')`,
    'an invitation': `select * from app.open_invitation('x')`,
    'a shopper’s end': 'select app.erase_shopper()',
    'another role': 'set role bulkhead_partner',
    'the gate’s role': 'set role bulkhead_partner_gate',
  }),
];

/** Statements that must sound alike for an id that is hidden and one that there is none of. */
export const unlikeNothing: Readonly<Record<string, (id: string) => string>> = {
  'a branch by its id': (id) => `select * from branch where id = '${id}'`,
  'a till by its id': (id) => `select name from device where id = '${id}'`,
  'a challenge spent for a till': (id) =>
    `insert into device_spent_id (market_id, device_id, id, expires_at) values (${market}, '${id}', 'x', ${soon})`,
  'an entry by a till': (id) => entry(`'${id}'`, 'device'),
};

export const hiddenIds: Readonly<Record<string, readonly string[]>> = {
  'a branch by its id': [amber.secondBranch, basil.branch],
  'a till by its id': [amber.revokedDevice, basil.device],
  'a challenge spent for a till': [amber.revokedDevice, basil.device],
  'an entry by a till': [amber.revokedDevice, basil.device],
};
