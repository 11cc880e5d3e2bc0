import type { ScopedClient } from '../../db/client.ts';
import type { Deps } from '../../deps.ts';
import type { Mailer } from '../../mail/mailer.ts';
import { findSupportSession, toldMembers } from './support-sessions.queries.ts';

interface Notice {
  readonly letter: 'supportAsked' | 'supportOpened';
  readonly marketId: string;
  readonly id: string;
  readonly market: { readonly nameEn: string; readonly nameAr: string };
  readonly reason: string;
  readonly ticket: string;
  readonly minutes: number;
  /** The partner portal's address for people. */
  readonly address: string;
}

/** Writes to everybody of the market who can answer or stop it. */
export async function tellMarket(
  mailer: Pick<Mailer, 'sendLater'>,
  db: ScopedClient,
  { letter, marketId, id, market, reason, ticket, minutes, address }: Notice,
): Promise<void> {
  for (const { email, locale } of await toldMembers(db, marketId)) {
    const name = locale === 'ar' ? market.nameAr : market.nameEn;
    const values = { market: name, reason, ticket, minutes };
    mailer.sendLater({ to: email, locale, letter, values, link: `${address}/access-log/${id}` });
  }
}

/** The letter that asks a market whose consent is needed. Needs a staff scope. */
export async function askMarket(
  { mailer, config, clock }: Pick<Deps, 'mailer' | 'config' | 'clock'>,
  db: ScopedClient,
  sessionId: string,
): Promise<void> {
  const found = await findSupportSession(db, sessionId, clock());
  const { id, marketId, market, reason, ticket, minutes } = found;
  const notice = { letter: 'supportAsked', marketId, id, market, reason, ticket, minutes } as const;
  await tellMarket(mailer, db, { ...notice, address: config.partnerUrl });
}
