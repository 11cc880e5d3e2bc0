import { createHash, randomBytes } from 'node:crypto';

export const INVITATION_DAYS = 7;

export interface NewInvitation {
  /** Goes into the mailed link and nowhere else. */
  readonly secret: string;
  /** What the row keeps: SHA-256 of the secret in hex, as `app.open_invitation` computes it. */
  readonly digest: string;
  readonly endsAt: Date;
}

/** 256 random bits need no slow hash: nobody can guess one, and a stolen digest opens nothing. */
export function newInvitation(now: Date): NewInvitation {
  const secret = randomBytes(32).toString('base64url');
  const digest = createHash('sha256').update(secret).digest('hex');
  return { secret, digest, endsAt: new Date(now.getTime() + INVITATION_DAYS * 86_400_000) };
}
