import { createHash } from 'node:crypto';
import type { Mailer } from '../mail/mailer.ts';
import type { Directory, Person } from './directory.ts';
import { hashPassword } from './passwords.ts';
import type { EndReason, Sessions } from './sessions.service.ts';
import type { Throttle } from './throttle.ts';
import type { TokenService } from './tokens.ts';

/** What passwords need of the portal that they belong to. */
interface Parts {
  readonly config: { readonly publicUrl: string };
  readonly clock: () => Date;
  readonly directory: Directory;
  readonly mailer: Mailer;
  readonly sessions: Sessions;
  readonly throttle: Throttle;
  readonly tokens: TokenService;
}

const RESET_SECONDS = 1_800;

/** Changes with the password, so a link made for the old one is worthless: that is what makes it one-time. */
const stampOf = (person: Person): string =>
  createHash('sha256').update(`${person.id}:${person.passwordHash}`).digest('base64url').slice(0, 22);

/**
 * Sends a link when there is such a person. The caller can't tell, not even by the time it takes: the mail is
 * written after the answer.
 */
export async function requestReset(
  deps: Parts,
  email: string,
  address: string,
  locale: string,
): Promise<void> {
  await deps.throttle.mail(email, address);
  const person = await deps.directory.findByEmail(email);
  if (!person?.isActive || !person.passwordHash) return;
  const issued = { issuedAt: deps.clock(), seconds: RESET_SECONDS };
  const token = await deps.tokens.sign('reset', { sub: person.id, stamp: stampOf(person) }, issued);
  const link = `${deps.config.publicUrl}/password-reset/${token}`;
  deps.mailer.sendLater({ to: person.email, locale, letter: 'passwordReset', link });
}

/** The person a reset link is for, while it is neither used nor out of date. */
export async function personOfReset(
  { tokens, directory, clock }: Parts,
  token: string,
): Promise<Person | null> {
  const claims = await tokens.verify('reset', token, clock());
  const person = typeof claims?.sub === 'string' ? await directory.findById(claims.sub) : null;
  return person?.isActive && claims?.stamp === stampOf(person) ? person : null;
}

/** Sets the password and ends every session that the old one opened, in all markets. */
export async function setPassword(
  deps: Parts,
  person: Person,
  password: string,
  receipt: string,
  locale: string,
): Promise<void> {
  await deps.directory.setPassword(person.id, await hashPassword(password));
  await endEverywhere(deps, person.id, receipt, 'password-change');
  deps.mailer.sendLater({
    to: person.email,
    locale,
    letter: 'passwordChanged',
    link: `${deps.config.publicUrl}/sign-in`,
  });
}

export async function endEverywhere(
  deps: Parts,
  personId: string,
  receipt: string,
  reason: EndReason,
): Promise<void> {
  await deps.sessions.endAll(await deps.directory.memberships(personId), receipt, reason);
}
