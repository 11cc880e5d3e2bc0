export const channelNames = ['email', 'whatsapp'] as const;
export type ChannelName = (typeof channelNames)[number];

/** What there is to say of an offer, in the language of one reader. */
export interface OfferText {
  readonly locale: 'en' | 'ar';
  readonly market: string;
  readonly title: string;
  readonly price: string;
  readonly oldPrice: string | null;
  readonly until: string | null;
  readonly text: string;
}

/** One message to one reader. Addresses of pages are paths below the portal's own. */
export interface Message extends OfferText {
  readonly marketId: string;
  readonly recipientId: string;
  /** An e-mail address, or a number in E.164. */
  readonly address: string;
  readonly offerPath: string;
  readonly optOutPath: string;
}

/** Why a campaign waits: what all of its messages would run into. */
export type Trouble = 'limit' | 'access' | 'template' | 'provider';

/**
 * What became of one try. `again` and `wait` only where it is certain that nothing was taken in; whatever else is not
 * certain is `unknown`, because a second message is worse than none.
 */
export type Outcome =
  | { readonly kind: 'sent'; readonly providerId: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly optedOut?: boolean }
  | { readonly kind: 'again'; readonly reason: string }
  | { readonly kind: 'wait'; readonly trouble: Trouble; readonly seconds: number }
  | { readonly kind: 'unknown'; readonly reason: string };

/** A way to reach a shopper. It never throws: each try has an outcome. */
export interface Channel {
  readonly name: ChannelName;
  send(message: Message): Promise<Outcome>;
}

/** The channels of this installation; null for one that is not set up. */
export type Channels = Readonly<Record<ChannelName, Channel | null>>;
