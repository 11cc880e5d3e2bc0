import type { ScopedClient } from '../db/client.ts';
import type { Direct } from '../db/direct.ts';
import type { Actor, Scope } from '../market/scope.ts';

/** What everybody may know of the market behind a publishable key or a hosted page. */
export interface OpenMarket {
  readonly id: string;
  readonly slug: string;
  readonly nameEn: string;
  readonly nameAr: string;
  readonly locale: 'en' | 'ar';
  readonly timeZone: string;
  readonly currency: string;
}

/** A request of the public surface: whose, and the two ways to the database, both under the public login. */
export interface OpenRequest {
  /** `key` or `visitor` until a shopper has shown a token of this market; then `shopper`. */
  readonly scope: Scope;
  readonly market: OpenMarket;
  readonly db: ScopedClient;
  readonly direct: Direct;
  /** The key as the page carries it; null on hosted pages. */
  readonly key: string | null;
  /** Set where the key was recalled: throws why it no longer holds, to be asked when the database says that it doesn't. */
  readonly confirm?: () => Promise<void>;
}

/** The shopper behind a token (kind `shopper`), or null for any doubt, another market's token among them. */
export type VerifyShopper = (open: OpenRequest, token: string) => Promise<Actor | null>;

declare module 'express-serve-static-core' {
  interface Request {
    /** Set behind `publicAuth` and on hosted pages. */
    open: OpenRequest;
  }
}
