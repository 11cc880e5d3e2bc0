import { z } from 'zod';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { branchInput, branchList } from './branches.input.ts';
import { findBranch, listBranches } from './branches.queries.ts';
import { createBranch, setBranchState, updateBranch } from './branches.service.ts';
import { openingSchema, readHours } from './opening-hours.ts';

const summary = z.object({
  ...{ id, nameEn: z.string(), nameAr: z.string(), city: z.string(), phone: z.string() },
  ...{ state: z.enum(['open', 'closed']), createdAt: instant },
});

const whole = summary.extend({
  addressEn: z.string(),
  addressAr: z.string(),
  latitude: z.number().nullable(),
  longitude: z.number().nullable(),
  hours: z.array(openingSchema),
  updatedAt: instant,
});

const page = z.object({
  rows: z.array(summary),
  next: z.string().nullable(),
  previous: z.string().nullable(),
});
const params = z.object({ id });
const tag = 'Branches';
const roles = ['owner', 'manager'] as const;

/** The JSON twins of the branch pages. */
export function branchesPartnerOperations(): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/branches', tag, summary: 'List branches' },
      query: listSchema(branchList),
      response: page,
      handler: (db, { req }) => listBranches(db, parseList(branchList, req.query, 'strict')),
    }),
    operation({
      ...{ method: 'post', path: '/branches', tag, summary: 'Add a branch', roles },
      ...{ body: branchInput, response: whole, status: 201 },
      handler: async (db, { body }) => read(db, await createBranch(db, body)),
    }),
    operation({
      ...{ method: 'get', path: '/branches/:id', tag, summary: 'One branch' },
      ...{ params, response: whole },
      handler: (db, { params }) => read(db, params.id),
    }),
    operation({
      ...{ method: 'put', path: '/branches/:id', tag, summary: 'Replace a branch', roles },
      ...{ params, body: branchInput, response: whole },
      handler: async (db, { params, body }) => {
        await updateBranch(db, params.id, body);
        return read(db, params.id);
      },
    }),
    operation({
      ...{ method: 'put', path: '/branches/:id/state', tag, summary: 'Open or close a branch', roles },
      ...{ params, body: z.object({ state: z.enum(['open', 'closed']) }), response: whole },
      handler: async (db, { params, body }) => {
        await setBranchState(db, params.id, body.state);
        return read(db, params.id);
      },
    }),
  ];
}

async function read(db: Parameters<Operation['handler']>[0], branchId: string) {
  const branch = await findBranch(db, branchId);
  return { ...branch, hours: readHours(branch.hours) };
}
