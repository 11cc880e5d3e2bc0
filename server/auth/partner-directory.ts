import { v7 as uuid } from 'uuid';
import type { Scope } from '../market/scope.ts';
import type { Directory, Membership, Person } from './directory.ts';
import type { Gate, Query } from './gate.ts';

interface PersonRow {
  id: string;
  email: string;
  password_hash: string;
}

interface MembershipRow {
  market_id: string;
  member_id: string;
  name_en: string;
  name_ar: string;
  market_state: string;
  role: string;
}

export interface Invitation {
  readonly marketId: string;
  readonly memberId: string;
  readonly email: string;
  readonly name: string;
  readonly role: string;
  readonly marketNameEn: string;
  readonly marketNameAr: string;
}

interface InvitationRow {
  market_id: string;
  member_id: string;
  email: string;
  name: string;
  role: string;
  market_name_en: string;
  market_name_ar: string;
}

/** An existing person, or a new one. */
type Accepting = { readonly personId: string } | { readonly email: string; readonly passwordHash: string };

export interface PartnerDirectory extends Directory {
  /** The invitation a secret opens, while it is neither accepted, withdrawn nor out of date. */
  openInvitation(secret: string): Promise<Invitation | null>;
  /** Accepts it for an existing person, or for a new one with this password; null when it is no longer open. */
  acceptInvitation(secret: string, who: Accepting, receipt: string): Promise<Invitation | null>;
}

/** A person who proved who they are and has not chosen a market: sees only their own memberships. */
const personScope = (id: string): Scope => ({
  surface: 'partner',
  marketId: null,
  actor: { kind: 'person', id, role: 'none', name: '' },
  receipt: '',
});

export function createPartnerDirectory(gate: Gate): PartnerDirectory {
  const find = async (column: 'id' | 'email', value: string): Promise<Person | null> => {
    const rows = await gate.query<PersonRow>(
      `select id, email, password_hash from partner_user where ${column} = $1`,
      [value],
    );
    return rows[0]
      ? { id: rows[0].id, email: rows[0].email, passwordHash: rows[0].password_hash, isActive: true }
      : null;
  };
  return {
    findByEmail: (email) => find('email', email),
    findById: (id) => find('id', id),
    setPassword: (id, hash) =>
      gate.as(personScope(id), async (query) => {
        await query('update partner_user set password_hash = $2 where id = $1', [id, hash]);
      }),
    memberships: (id) =>
      gate.as(personScope(id), async (query) =>
        (await query<MembershipRow>('select * from app.person_markets()')).map(membership),
      ),
    openInvitation: async (secret) => {
      const rows = await gate.query<InvitationRow>('select * from app.open_invitation($1)', [secret]);
      return rows[0] ? invitation(rows[0]) : null;
    },
    acceptInvitation: (secret, who, receipt) =>
      gate
        .as(null, (query) => accept(query, secret, who, receipt))
        .catch((error: unknown) => {
          // Somebody else with the same link was first, at either of the two steps.
          if (error instanceof AlreadyUsed || (error as { code?: string }).code === UNIQUE_VIOLATION)
            return null;
          throw error;
        }),
  };
}

const UNIQUE_VIOLATION = '23505';
class AlreadyUsed extends Error {}

async function accept(
  query: Query,
  secret: string,
  who: Accepting,
  receipt: string,
): Promise<Invitation | null> {
  const rows = await query<InvitationRow>('select * from app.open_invitation($1)', [secret]);
  if (!rows[0]) return null;
  const id = 'personId' in who ? who.personId : uuid();
  if ('email' in who) {
    const values = [id, who.email, who.passwordHash];
    await query('insert into partner_user (id, email, password_hash) values ($1, $2, $3)', values);
  }
  const accepted = await query('select * from app.accept_invitation($1, $2, $3)', [secret, id, receipt]);
  // Thrown, so that the person inserted above goes as well.
  if (accepted.length === 0) throw new AlreadyUsed();
  return invitation(rows[0]);
}

const membership = (row: MembershipRow): Membership => ({
  ...{ actorId: row.member_id, marketId: row.market_id, nameEn: row.name_en, nameAr: row.name_ar },
  ...{ marketState: row.market_state, role: row.role },
});

const invitation = (row: InvitationRow): Invitation => ({
  ...{ marketId: row.market_id, memberId: row.member_id, email: row.email, name: row.name, role: row.role },
  ...{ marketNameEn: row.market_name_en, marketNameAr: row.market_name_ar },
});
