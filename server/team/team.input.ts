import { z } from 'zod';
import { email, text } from '../http/fields.ts';
import { defineList } from '../http/list-query.ts';

export const ROLES = ['owner', 'manager', 'analyst'] as const;

export const invitationInput = z.object({
  name: text(120),
  email,
  role: z.enum(ROLES),
  locale: z.enum(['en', 'ar']).default('en'),
});

export type InvitationInput = z.output<typeof invitationInput>;

export const memberInput = z.object({ name: text(120), role: z.enum(ROLES) });

export type MemberInput = z.output<typeof memberInput>;

export const teamList = defineList({
  sorts: {
    name: { field: 'name', kind: 'text' },
    invited: { field: 'invitedAt', kind: 'instant' },
  },
  sort: 'name',
  dir: 'asc',
  filters: {
    state: z.enum(['invited', 'active', 'removed']).optional(),
    role: z.enum(ROLES).optional(),
  },
});
