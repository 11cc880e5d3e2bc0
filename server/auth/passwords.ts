import { hash, verify } from '@node-rs/argon2';

/** OWASP's first argon2id profile: 19 MiB, two passes, one lane (argon2id is the library's default). */
const PROFILE = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export const PASSWORD_MIN = 12;
export const PASSWORD_MAX = 128;

/** NFKC: the same password typed on another keyboard or system is the same bytes. */
const normalise = (password: string): string => password.normalize('NFKC');

export const hashPassword = (password: string): Promise<string> => hash(normalise(password), PROFILE);

let decoy: Promise<string> | undefined;

/**
 * Compares with a stored hash. Without one (unknown e-mail) the same work is done against a decoy,
 * so that neither the answer nor its time says whether the address exists.
 */
export async function verifyPassword(stored: string | null | undefined, password: string): Promise<boolean> {
  decoy ??= hashPassword('no account has this password');
  const matches = await verify(stored ?? (await decoy), normalise(password));
  return matches && Boolean(stored);
}
