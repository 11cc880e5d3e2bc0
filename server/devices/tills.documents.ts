import type { DocumentedOperation } from '../http/api.ts';
import {
  challengeRequest,
  challengeShown,
  pairingRequest,
  tillShown,
  tokenRequest,
  tokenShown,
} from './tills.input.ts';

const open = { tag: 'Entry', auth: 'none', status: 201 } as const;

/** How tills enter, as /sync/v1/openapi.json tells it. */
export const tillsDocuments: readonly DocumentedOperation[] = [
  {
    ...{ ...open, method: 'post', path: '/pairings', summary: 'Become a till of a branch' },
    description:
      'With a proof by the key that is to be the till’s, in the header DPoP. The key that used a code may ask again with it, until it is out of date.',
    ...{ body: pairingRequest, response: tokenShown },
  },
  {
    ...{ ...open, method: 'post', path: '/challenges', summary: 'Ask for a challenge' },
    description: 'Good for 60 seconds, once.',
    ...{ body: challengeRequest, response: challengeShown },
  },
  {
    ...{ ...open, method: 'post', path: '/tokens', summary: 'Get a token for an answered challenge' },
    description: 'With a proof by the till’s key, in the header DPoP, whose nonce is the challenge.',
    ...{ body: tokenRequest, response: tokenShown },
  },
  {
    ...{ tag: 'Device', method: 'get', path: '/device', summary: 'Where this till stands' },
    response: tillShown,
  },
];
