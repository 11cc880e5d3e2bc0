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

/** What somebody tries whose SQL runs as a till. Outcomes are those of one that works. */
export const deviceAttacks: readonly Attack[] = [
  ...group('own', {
    'its own row': 'select id, name, state from device',
    'its market’s name': 'select id, name_en from market',
    'its branch': 'select * from branch',
    'all branches': `select * from branch where true or market_id = '${basil.marketId}'`,
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
  ...group('error 42501|42501', {
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
