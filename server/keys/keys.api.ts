import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { keyInput, keyList, rotationInput } from './keys.input.ts';
import { findKey, listKeys } from './keys.queries.ts';
import { createKey, revokeKey, rotateKey, updateKey } from './keys.service.ts';

const key = z.object({
  ...{ id, key: z.string(), name: z.string(), origins: z.array(z.string()) },
  state: z.enum(['active', 'expiring', 'expired', 'revoked']),
  ...{ createdAt: instant, expiresAt: instant.nullable(), revokedAt: instant.nullable() },
  lastUsedAt: instant.nullable().meta({ description: 'Within five minutes' }),
});
const page = z.object({
  rows: z.array(key),
  next: z.string().nullable(),
  previous: z.string().nullable(),
});
const params = z.object({ id });
const shared = { tag: 'Publishable keys', roles: ['owner', 'manager'] as const };

/** The JSON twins of the key pages. */
export function keysPartnerOperations({ clock }: Pick<Deps, 'clock'>): readonly Operation[] {
  return [
    operation({
      ...{ ...shared, method: 'get', path: '/keys', summary: 'List publishable keys' },
      ...{ query: listSchema(keyList), response: page },
      handler: (db, { req }) => listKeys(db, parseList(keyList, req.query, 'strict'), clock()),
    }),
    operation({
      ...{ ...shared, method: 'post', path: '/keys', summary: 'Make a publishable key' },
      ...{ body: keyInput, response: key, status: 201 },
      handler: async (db, { body }) => findKey(db, await createKey(db, body), clock()),
    }),
    operation({
      ...{ ...shared, method: 'get', path: '/keys/:id', summary: 'One publishable key' },
      ...{ params, response: key },
      handler: (db, { params }) => findKey(db, params.id, clock()),
    }),
    operation({
      ...{ ...shared, method: 'put', path: '/keys/:id', summary: "Change a key's name and origins" },
      ...{ params, body: keyInput, response: key },
      handler: async (db, { params, body }) => {
        await updateKey(db, params.id, body);
        return findKey(db, params.id, clock());
      },
    }),
    operation({
      ...{ ...shared, method: 'post', path: '/keys/:id/rotation', summary: 'Replace a key by a new one' },
      ...{ params, body: rotationInput, response: key, status: 201 },
      handler: async (db, { params, body }) =>
        findKey(db, await rotateKey(db, params.id, body.ending, clock()), clock()),
    }),
    operation({
      ...{ ...shared, method: 'post', path: '/keys/:id/revocation', summary: 'Revoke a key', params },
      handler: (db, { params }) => revokeKey(db, params.id, clock()),
    }),
  ];
}
