import { z } from 'zod';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { STAFF_ROLES, STAFF_STATES, staffList } from './staff.input.ts';
import { findStaff, listStaff } from './staff.queries.ts';

const member = z.object({
  ...{ id, name: z.string(), email: z.string(), role: z.enum(STAFF_ROLES), state: z.enum(STAFF_STATES) },
  ...{ locale: z.string(), createdAt: instant },
});
const page = z.object({
  rows: z.array(member),
  next: z.string().nullable(),
  previous: z.string().nullable(),
});

/** The JSON twins of the staff pages. */
export function staffAdminOperations(): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/staff', tag: 'Staff', summary: 'List staff' },
      ...{ query: listSchema(staffList), response: page },
      handler: (db, { req }) => listStaff(db, parseList(staffList, req.query, 'strict')),
    }),
    operation({
      ...{ method: 'get', path: '/staff/:id', tag: 'Staff', summary: 'One member of staff' },
      ...{ params: z.object({ id }), response: member },
      handler: (db, { params }) => findStaff(db, params.id),
    }),
  ];
}
