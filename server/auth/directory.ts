import type { Subject } from './session.ts';

/** Somebody with a password. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string | null;
  /** False when the account exists but may not sign in (invited or disabled staff). */
  readonly isActive: boolean;
}

/** What a person may sign in as: one entry for staff, one for each market of a partner. */
export interface Membership extends Subject {
  readonly nameEn: string;
  readonly nameAr: string;
  readonly marketState: string | null;
  readonly role: string;
}

/** The people of one portal, read and written through its gate. */
export interface Directory {
  findByEmail(email: string): Promise<Person | null>;
  findById(id: string): Promise<Person | null>;
  setPassword(personId: string, passwordHash: string): Promise<void>;
  /** Memberships that may be used now. */
  memberships(personId: string): Promise<Membership[]>;
}
