import { v7 as uuid } from 'uuid';
import type { Directory, Person } from './directory.ts';
import type { Gate } from './gate.ts';

interface StaffRow {
  id: string;
  email: string;
  name: string;
  role: string;
  state: string;
  password_hash: string | null;
}

export interface InvitedStaff {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: string;
}

export interface StaffDirectory extends Directory {
  /** Somebody invited who has not accepted yet. */
  findInvited(id: string): Promise<InvitedStaff | null>;
  /** Sets the first password; false when the invitation was used already. */
  acceptInvitation(id: string, passwordHash: string, receipt: string): Promise<boolean>;
}

const SELECT = `
  select u.id, u.email, u.name, u.role, u.state, c.password_hash
    from staff_user u left join staff_credential c on c.staff_user_id = u.id`;

export function createStaffDirectory(gate: Gate): StaffDirectory {
  const find = async (column: 'u.id' | 'u.email', value: string): Promise<StaffRow | undefined> =>
    (await gate.query<StaffRow>(`${SELECT} where ${column} = $1`, [value]))[0];
  return {
    findByEmail: async (email) => person(await find('u.email', email)),
    findById: async (id) => person(await find('u.id', id)),
    setPassword: async (id, hash) => {
      await gate.query('update staff_credential set password_hash = $2 where staff_user_id = $1', [id, hash]);
    },
    memberships: async (id) => {
      const row = await find('u.id', id);
      if (row?.state !== 'active') return [];
      return [
        {
          actorId: id,
          marketId: null,
          nameEn: row.name,
          nameAr: row.name,
          marketState: null,
          role: row.role,
        },
      ];
    },
    findInvited: async (id) => {
      const row = await find('u.id', id);
      return row?.state === 'invited' && !row.password_hash ? row : null;
    },
    acceptInvitation: (id, hash, receipt) =>
      gate.as(null, async (query) => {
        const rows = await query(
          "update staff_user set state = 'active' where id = $1 and state = 'invited' returning id",
          [id],
        );
        if (rows.length === 0) return false;
        await query('insert into staff_credential (staff_user_id, password_hash) values ($1, $2)', [
          id,
          hash,
        ]);
        await query(JOINED, [uuid(), id, receipt]);
        return true;
      }),
  };
}

/** In nobody's name: who takes an invitation up has not signed in yet. */
const JOINED = `
  insert into platform_audit_entry (id, surface, actor_kind, action, subject_type, subject_id, receipt, changes)
  values ($1, 'admin', 'visitor', 'staff.join', 'staff', $2, $3, '{"state": {"before": "invited", "after": "active"}}')`;

function person(row: StaffRow | undefined): Person | null {
  if (!row) return null;
  return { id: row.id, email: row.email, passwordHash: row.password_hash, isActive: row.state === 'active' };
}
