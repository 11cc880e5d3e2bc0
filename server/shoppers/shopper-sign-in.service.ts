import type { Allowance, OpenLimits } from '../auth/open-limits.ts';
import { createShopperCodes, type ShopperCodes } from '../auth/shopper-codes.ts';
import type { Database } from '../db/client.ts';
import { invalid } from '../errors.ts';
import type { Mailer } from '../mail/mailer.ts';
import type { OpenRequest } from '../public/open-request.ts';
import { shopperScope } from './shopper-scope.ts';
import { createShopperTokens, type ShopperTokens, type TokenKey } from './shopper-tokens.ts';
import { findProfile, type ShopperProfile } from './shoppers.queries.ts';
import { openSession } from './shoppers.service.ts';
import { countCode, countTry } from './sign-in-limits.ts';

export interface SignedIn {
  readonly token: string;
  readonly expiresAt: Date;
  readonly shopper: ShopperProfile;
}

interface Asked {
  readonly email: string;
  readonly locale?: 'en' | 'ar' | undefined;
  /** The network address that asks. */
  readonly address: string;
}

/** Called with the allowance of what is being counted; throws when nothing is left. */
type Answer = (allowance: Allowance) => void;

/** Signing in by a code that is sent to an e-mail address: for the JSON API and for pages. */
export interface ShopperSignIn {
  /** The same work whoever is asked about: signing up and signing in are one thing. */
  sendCode(open: OpenRequest, asked: Asked, answer: Answer): Promise<void>;
  /** @throws AppError 422 `code-refused` for a wrong, an old and a used code, and for an address that never had one. */
  signIn(open: OpenRequest, asked: Asked & { readonly code: string }, answer: Answer): Promise<SignedIn>;
  /** Drops a code that is still on its way to a shopper who is leaving. */
  forget(open: OpenRequest, email: string): Promise<void>;
}

interface Parts {
  readonly gate: Parameters<typeof createShopperCodes>[0];
  readonly open: {
    readonly database: Database;
    readonly limits: OpenLimits;
    readonly tokenKeys: readonly TokenKey[];
  };
  readonly mailer: Mailer;
  readonly clock: () => Date;
}

export function createShopperSignIn({ gate, open: own, mailer, clock }: Parts): ShopperSignIn {
  const codes: ShopperCodes = createShopperCodes(gate, own.tokenKeys);
  const tokens: ShopperTokens = createShopperTokens(own.tokenKeys);
  const counted = { codes, limits: own.limits };
  return {
    sendCode: async ({ market, scope }, { email, locale = market.locale, address }, answer) => {
      const { allowance, mayMail } = await countCode(counted, { marketId: market.id, email, address });
      answer(allowance);
      const code = await codes.issue(scope, email, clock());
      const values = { market: locale === 'ar' ? market.nameAr : market.nameEn, code };
      if (mayMail) mailer.sendLater({ to: email, locale, letter: 'shopperCode', values });
    },

    signIn: async ({ market, scope }, { email, code, locale = market.locale, address }, answer) => {
      answer(await countTry(counted, { marketId: market.id, email, address }));
      const now = clock();
      const proven = await codes.redeem(scope, { email, code }, locale, now);
      if (!proven) throw invalid({ code: 'shoppers:codeRefused' }, 'code-refused');
      const { shopperId, isNew } = proven;
      const shopperOwn = shopperScope(market.id, shopperId, scope.receipt);
      const session = await openSession(own.database.scoped(shopperOwn), now, isNew);
      const claims = { shopperId, marketId: market.id, sessionId: session.id };
      const [token, shopper] = await Promise.all([
        tokens.sign(claims, now),
        findProfile(own.database.direct(shopperOwn), session.id, now),
      ]);
      // Between the two statements the shopper may have left through another session.
      if (!shopper) throw invalid({ code: 'shoppers:codeRefused' }, 'code-refused');
      return { token, expiresAt: session.expiresAt, shopper };
    },

    forget: ({ scope }, email) => codes.forget(scope, email),
  };
}
