import type { Deps } from '../deps.ts';

interface Invitee {
  readonly name: string;
  readonly email: string;
  readonly locale: string;
}

interface MarketNames {
  readonly nameEn: string;
  readonly nameAr: string;
}

/** Mails the link of an invitation, in the invitee's language. The secret exists nowhere else from here on. */
export function sendInvitation(
  { mailer, config }: Pick<Deps, 'mailer' | 'config'>,
  { name, email, locale }: Invitee,
  market: MarketNames,
  secret: string,
): Promise<void> {
  return mailer.send({
    to: email,
    locale,
    letter: 'invitation',
    values: { name, market: locale === 'ar' ? market.nameAr : market.nameEn },
    link: `${config.partnerUrl}/invitations/${secret}`,
  });
}
