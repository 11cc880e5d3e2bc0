import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { sendInvitation } from './invitation-mail.ts';
import { invitationInput, memberInput, ROLES, teamList } from './team.input.ts';
import { findMember, listTeam } from './team.queries.ts';
import { inviteMember, removeMember, updateMember } from './team.service.ts';

const member = z.object({
  ...{ id, name: z.string(), email: z.string(), role: z.enum(ROLES) },
  ...{ state: z.enum(['invited', 'active', 'removed']), invitedAt: instant },
  ...{ joinedAt: instant.nullable(), invitationEndsAt: instant.nullable() },
});

const page = z.object({
  rows: z.array(member),
  next: z.string().nullable(),
  previous: z.string().nullable(),
});
const params = z.object({ id });
const tag = 'Team';
const roles = ['owner'] as const;

/** The JSON twins of the team pages. */
export function teamPartnerOperations(deps: Deps): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/team', tag, summary: 'List team members' },
      ...{ query: listSchema(teamList), response: page },
      handler: (db, { req }) => listTeam(db, parseList(teamList, req.query, 'strict')),
    }),
    operation({
      ...{ method: 'post', path: '/team', tag, summary: 'Invite a team member', roles },
      ...{ body: invitationInput, response: member, status: 201 },
      handler: async (db, { body, req }) => {
        const invited = await inviteMember(db, body, deps.clock());
        await sendInvitation(deps, body, req.session!.market!, invited.secret);
        return findMember(db, invited.id);
      },
    }),
    operation({
      ...{ method: 'get', path: '/team/:id', tag, summary: 'One team member' },
      ...{ params, response: member },
      handler: (db, { params }) => findMember(db, params.id),
    }),
    operation({
      ...{ method: 'put', path: '/team/:id', tag, summary: "Change a member's name or role", roles },
      ...{ params, body: memberInput, response: member },
      handler: async (db, { params, body }) => {
        await updateMember(db, params.id, body);
        return findMember(db, params.id);
      },
    }),
    operation({
      ...{ method: 'delete', path: '/team/:id', tag, summary: 'Remove a team member', roles, params },
      handler: (db, { params }) => removeMember(db, params.id),
    }),
  ];
}
