import { z } from 'zod';
import type { DocumentedOperation } from '../http/api.ts';
import { id } from '../http/fields.ts';
import {
  branchAnswer,
  categoryAnswer,
  itemsOf,
  marketAnswer,
  offerAnswer,
  offersAnswer,
} from './storefront.answers.ts';
import { branchesQuery, noQuery, offersQuery } from './storefront.input.ts';

const shared = { method: 'get', tag: 'Storefront' } as const;
const params = z.object({ id });

/** What /public/v1/openapi.json says of the storefront. */
export const storefrontDocuments: readonly DocumentedOperation[] = [
  { ...shared, path: '/market', summary: 'The market of the key', query: noQuery, response: marketAnswer },
  {
    ...{ ...shared, path: '/categories', summary: 'Categories that have an offer now' },
    ...{ query: noQuery, response: itemsOf(categoryAnswer) },
  },
  {
    ...{ ...shared, path: '/branches', summary: 'Open branches, the nearest first where `near` is given' },
    ...{ query: branchesQuery, response: itemsOf(branchAnswer) },
  },
  {
    ...{ ...shared, path: '/offers', summary: 'Offers that can be had now' },
    ...{ query: offersQuery, response: offersAnswer },
  },
  { ...shared, path: '/offers/:id', summary: 'One offer', params, query: noQuery, response: offerAnswer },
  {
    ...{ ...shared, path: '/images/:id', summary: "An offer's picture", description: 'Answers image/webp.' },
    ...{ params, query: noQuery },
    status: 200,
  },
];
