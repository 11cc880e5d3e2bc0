import type { ClientBase } from 'pg';
import { hashPassword } from '../../server/auth/passwords.ts';
import { PLANS } from './catalogue.ts';
import { DAY } from './clock.ts';
import { demoId } from './ids.ts';
import { DEMO_LOGINS, DEMO_PASSWORD } from './logins.ts';
import { DEMO_MARKETS, type DemoMarket } from './market-list.ts';
import { insertRows } from './rows.ts';

export interface Member {
  readonly market: DemoMarket;
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: string;
}

export const staffId = (role: 'operator' | 'support'): string => demoId('staff', role === 'operator' ? 1 : 2);

const NAMES: Readonly<Record<string, readonly [string, string]>> = {
  owner: ['Demo owner', 'مالك تجريبي'],
  manager: ['Demo manager', 'مدير تجريبي'],
  analyst: ['Demo analyst', 'محلل تجريبي'],
};

/** The team of one market: the printed logins first, then its own owner and manager where they lack. */
function teamOf(market: DemoMarket): Member[] {
  const known = DEMO_LOGINS.flatMap((login) =>
    login.roles
      .filter((role) => role.market === market.slug)
      .map(({ role }) => ({ email: login.email, name: login.name, role })),
  );
  const own = (['owner', 'manager'] as const).map((role) => ({
    email: `${role}@${market.slug}.example.com`,
    name: NAMES[role]![market.locale === 'ar' ? 1 : 0],
    role,
  }));
  const added = own.filter(({ email }) => !known.some((person) => person.email === email));
  // An application is made by its owner alone.
  const kept = market.state === 'applied' ? added.slice(0, 1) : added;
  return [...known, ...kept].map((person, index) => ({
    ...person,
    market,
    id: demoId('member', market.number * 100 + index + 1),
  }));
}

export const TEAM: readonly Member[] = DEMO_MARKETS.flatMap(teamOf);

export function memberOf(market: DemoMarket, role: 'owner' | 'manager'): Member {
  const team = TEAM.filter((member) => member.market === market);
  return team.find((member) => member.role === role) ?? team[0]!;
}

const memberColumns = {
  market_id: 'uuid',
  id: 'uuid',
  user_id: 'uuid',
  email: 'text',
  name: 'text',
  role: 'text',
  state: 'text',
  locale: 'text',
  invited_at: 'timestamptz',
  invitation_ends_at: 'timestamptz',
  joined_at: 'timestamptz',
};

/** Somebody who has been asked and has not answered; no secret exists that could open this invitation. */
function invited(market: DemoMarket, today: Date) {
  return {
    market_id: market.id,
    id: demoId('member', market.number * 100 + 90),
    user_id: null,
    email: `analyst@${market.slug}.example.net`,
    name: NAMES.analyst![market.locale === 'ar' ? 1 : 0],
    role: 'analyst',
    state: 'invited',
    locale: market.locale,
    invited_at: new Date(today.getTime() - 2 * DAY),
    invitation_ends_at: new Date(today.getTime() + 5 * DAY),
    joined_at: null,
  };
}

/** Room for one more, which the market's plan must allow. */
function hasRoom(market: DemoMarket): boolean {
  const seats = PLANS.find((plan) => plan.id === market.plan)!.maxTeamMembers;
  return market.state === 'active' && TEAM.filter((member) => member.market === market).length < seats;
}

async function writeStaff(client: ClientBase, hash: string, at: Date): Promise<void> {
  const logins = DEMO_LOGINS.filter((login) => login.portal === 'admin');
  const users = logins.map(({ email, name, roles: [first] }) => ({
    id: staffId(first!.role as 'operator' | 'support'),
    email,
    name,
    role: first!.role,
    state: 'active',
    created_at: at,
  }));
  const columns = {
    id: 'uuid',
    email: 'text',
    name: 'text',
    role: 'text',
    state: 'text',
    created_at: 'timestamptz',
  };
  await insertRows(client, 'staff_user', columns, users);
  await insertRows(
    client,
    'staff_credential',
    { staff_user_id: 'uuid', password_hash: 'text' },
    users.map(({ id }) => ({ staff_user_id: id, password_hash: hash })),
  );
}

/** Staff, persons and teams. One hash for all: they share one public password. */
export async function writePeople(
  client: ClientBase,
  today: Date,
  opened: (market: DemoMarket) => Date,
): Promise<void> {
  const hash = await hashPassword(DEMO_PASSWORD);
  const long = new Date(today.getTime() - 600 * DAY);
  await writeStaff(client, hash, long);
  const emails = [...new Set(TEAM.map((member) => member.email))];
  const persons = new Map(emails.map((email, index) => [email, demoId('person', index + 1)]));
  await insertRows(
    client,
    'partner_user',
    { id: 'uuid', email: 'text', password_hash: 'text', created_at: 'timestamptz' },
    emails.map((email) => ({ id: persons.get(email), email, password_hash: hash, created_at: long })),
  );
  const members = TEAM.map(({ market, ...member }) => ({
    ...member,
    market_id: market.id,
    user_id: persons.get(member.email),
    state: 'active',
    locale: market.locale,
    invited_at: opened(market),
    invitation_ends_at: null,
    joined_at: new Date(opened(market).getTime() + DAY),
  }));
  const waiting = DEMO_MARKETS.filter(hasRoom).map((market) => invited(market, today));
  await insertRows(client, 'team_member', memberColumns, [...members, ...waiting]);
}
