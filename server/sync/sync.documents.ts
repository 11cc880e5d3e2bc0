import { z } from 'zod';
import type { DocumentedOperation } from '../http/api.ts';
import { id } from '../http/fields.ts';
import { leaseAnswer, pullAnswer, pushAnswer, settledAnswer } from './sync.answers.ts';
import { leaseBody, MOST_OPERATIONS, pullQuery, pushBody, syncOperation } from './sync.input.ts';

const shared = { tag: 'Sync' } as const;

const PULL = `
Pages of what has changed since the cursor, in an order in which nothing is missed, whichever order transactions end in.
Apply a page and keep its cursor together. 409 \`cursor-refused\`: the order was begun anew; drop offers and claims and
pull without a cursor. The header \`Bulkhead-Sync\` names the version of the protocol, 1; another is a 400 \`sync-version\`.
`.trim();

const PUSH = `
Each operation counts once, for ever, under the id that the till gave it: sent again it is answered the same. Results come
in the order of the operations. \`applied\`, \`conflict\`, \`mismatch\` (the id stands for something else) and
\`invalid\` are final; \`limit\` (the month's quota is used up and no lease covers it) is to be kept and sent again. A
batch that is one operation and a mismatch is answered 422, with the same results in the problem document.
`.trim();

const LEASE = `
Makes the till's lease good for \`count\` redemptions from now on, or for as many as the month has. Asked again it takes
nothing twice. What of the queue is unsent and carries \`leaseId\` is to be taken off \`count\`. 409 \`plan-limit\`
when there is none at all.
`.trim();

/** What /sync/v1/openapi.json says of pulls, pushes and leases. */
export const syncDocuments: readonly DocumentedOperation[] = [
  {
    ...{ ...shared, method: 'get', path: '/pull', summary: 'What has changed', description: PULL },
    ...{ query: pullQuery, response: pullAnswer },
  },
  {
    ...{ ...shared, method: 'post', path: '/push', summary: 'Hand in what was done', description: PUSH },
    body: pushBody.extend({ operations: z.array(syncOperation).max(MOST_OPERATIONS) }),
    response: pushAnswer,
  },
  {
    ...{ ...shared, method: 'post', path: '/leases', summary: 'Take redemptions along', description: LEASE },
    ...{ body: leaseBody, response: leaseAnswer, status: 201 },
  },
  {
    ...{ ...shared, method: 'delete', path: '/leases/:id', summary: 'Give back what a lease has not used' },
    description:
      'Only once nothing that it covers is left to send: what comes later counts against the month itself.',
    ...{ params: z.object({ id }), response: settledAnswer },
  },
];
