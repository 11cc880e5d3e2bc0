import type { Denials } from '../audit/denials.ts';
import { invalid } from '../errors.ts';
import type { Directory, Membership, Person } from './directory.ts';
import { verifyPassword } from './passwords.ts';
import type { Throttle } from './throttle.ts';

interface Parts {
  readonly directory: Directory;
  readonly throttle: Throttle;
  readonly denials: Denials;
}

/** Where a password comes from. */
export interface From {
  readonly address: string;
  readonly receipt: string;
}

export const fromOf = ({
  ip = '',
  receipt,
}: {
  readonly ip?: string | undefined;
  readonly receipt: string;
}): From => ({
  ...{ address: ip, receipt },
});

/**
 * The person behind an e-mail and password. Unknown address, wrong password and an account that may not
 * sign in are one answer in one time.
 * @throws AppError 422 `bad-credentials`; 429 `locked` or `too-many-requests` with the time left.
 */
export async function checkPassword(
  parts: Parts,
  email: string,
  password: string,
  from: From,
): Promise<Person> {
  const attempt = await parts.throttle.attempt(email, from.address);
  const person = await parts.directory.findByEmail(email);
  const stored = person?.isActive ? person.passwordHash : null;
  const matches = await parts.throttle.hashing(() => verifyPassword(stored, password));
  if (!matches || !person) {
    noteFailure(parts, person, from);
    await attempt.fail();
    throw invalid({ _form: 'auth:badCredentials' }, 'bad-credentials');
  }
  await attempt.succeed();
  return person;
}

// Not waited for, so that the answer takes as long for an address that nobody has.
function noteFailure({ directory, denials }: Parts, person: Person | null, from: From): void {
  const found = person ? directory.memberships(person.id) : Promise.resolve([]);
  found
    .catch(() => [])
    .then((members) => denials.signInFailed({ personId: person?.id ?? null, members, ...from }));
}

/** What the person can sign in as; 422 when there is nothing (removed from their last market). */
export async function membershipsOf(
  { directory }: Pick<Parts, 'directory'>,
  person: { id: string },
): Promise<[Membership, ...Membership[]]> {
  const [first, ...others] = await directory.memberships(person.id);
  if (!first) throw invalid({ _form: 'auth:noMembership' }, 'no-membership');
  return [first, ...others];
}
