import { z } from 'zod';
import { email, text } from '../http/fields.ts';
import { defineList } from '../http/list-query.ts';

export const STAFF_ROLES = ['operator', 'support'] as const;
export const STAFF_STATES = ['invited', 'active', 'disabled'] as const;

export const staffInput = z.object({
  name: text(120),
  email,
  role: z.enum(STAFF_ROLES),
  locale: z.enum(['en', 'ar']).default('en'),
});

export type StaffInput = z.output<typeof staffInput>;

export const staffChange = z.object({ name: text(120), role: z.enum(STAFF_ROLES) });

export type StaffChange = z.output<typeof staffChange>;

export const staffList = defineList({
  sorts: { name: { field: 'name', kind: 'text' }, created: { field: 'createdAt', kind: 'instant' } },
  sort: 'name',
  dir: 'asc',
  filters: { role: z.enum(STAFF_ROLES).optional(), state: z.enum(STAFF_STATES).optional() },
});
