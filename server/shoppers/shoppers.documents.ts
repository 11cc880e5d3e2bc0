import { z } from 'zod';
import type { DocumentedOperation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { codeRequest, profileChange, sessionRequest } from './shoppers.input.ts';

const shopper = z
  .object({
    ...{ id, email: z.string(), locale: z.enum(['en', 'ar']), optedIn: z.boolean() },
    ...{ phone: z.string().nullable(), phoneOptedIn: z.boolean(), createdAt: instant },
  })
  .meta({ id: 'Shopper', description: 'Of this market alone: the same person elsewhere is another shopper' });

const own = { tag: 'Account', auth: 'shopper' } as const;
const signingIn = { method: 'post', tag: 'Account' } as const;

/** What /public/v1/openapi.json says of shoppers. */
export const shoppersDocuments: readonly DocumentedOperation[] = [
  {
    ...{ ...signingIn, path: '/sign-in-codes', summary: 'Send a code to an e-mail address' },
    description: 'The same answer whoever is asked about. The code holds for ten minutes and one session.',
    ...{ body: codeRequest, response: z.object({}), status: 202 },
  },
  {
    ...{
      ...signingIn,
      path: '/sessions',
      summary: 'Sign in with the code; the first time makes the account',
    },
    ...{ body: sessionRequest, response: z.object({ token: z.string(), expiresAt: instant, shopper }) },
    status: 201,
  },
  { ...own, method: 'delete', path: '/sessions/current', summary: 'Sign out: the token ends at once' },
  { ...own, method: 'get', path: '/me', summary: 'The account', response: shopper },
  {
    ...{
      ...own,
      method: 'patch',
      path: '/me',
      summary: 'Change the language, the number, or whether messages are wanted',
    },
    ...{ body: profileChange, response: shopper },
  },
  {
    ...{
      ...own,
      method: 'delete',
      path: '/me',
      summary: 'Delete the account and everything about its owner',
    },
    description: 'Open claims go back to their offers. What was redeemed stays, without the person.',
  },
  {
    ...{ ...own, method: 'get', path: '/me/export', summary: 'Everything that is held, as a JSON download' },
    response: z.looseObject({ market: z.looseObject({}), shopper: z.looseObject({}) }),
  },
];
