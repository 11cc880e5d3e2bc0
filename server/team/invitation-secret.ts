import { createHash, randomBytes } from 'node:crypto';

const DAYS = 7;

/** The secret of an invitation's link, and what the database keeps of it: a digest and an end. */
export interface InvitationSecret {
  readonly secret: string;
  readonly row: {
    readonly invitationDigest: string;
    readonly invitedAt: Date;
    readonly invitationEndsAt: Date;
  };
}

/** 256 random bits: `app.open_invitation()` looks rows up by the same digest. */
export function newInvitation(now: Date): InvitationSecret {
  const secret = randomBytes(32).toString('base64url');
  return {
    secret,
    row: {
      invitationDigest: createHash('sha256').update(secret).digest('hex'),
      invitedAt: now,
      invitationEndsAt: new Date(now.getTime() + DAYS * 86_400_000),
    },
  };
}
