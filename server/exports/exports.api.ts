import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { cadences, fileQuery, formats, parseFileRequest, scheduleInput, subjects } from './exports.input.ts';
import { sendFile } from './exports.partner.routes.ts';
import { listSchedules } from './schedules.queries.ts';
import { createSchedule, removeSchedule } from './schedules.service.ts';

const schedule = z.object({
  ...{ id, subject: z.enum(subjects), format: z.enum(formats), cadence: z.enum(cadences) },
  ...{ createdAt: instant, nextAt: instant, sentAt: instant.nullable(), failure: z.string().nullable() },
  member: z.object({ id, name: z.string() }),
});

/** The partner portal's exports, as JSON; the file itself is CSV or JSON Lines. */
export function exportsPartnerOperations({ clock, database }: Pick<Deps, 'clock' | 'database'>): Operation[] {
  const zoneOf = (req: { session?: { market: { timeZone: string } | null } }) =>
    req.session!.market!.timeZone;
  return [
    operation({
      ...{ method: 'get', path: '/exports/file', tag: 'Exports', query: fileQuery },
      summary: 'One file of the market’s figures, events or claims, streamed as CSV or JSON Lines',
      response: z.string(),
      handler: async (_db, { req, query }) => {
        const wanted = parseFileRequest(query, zoneOf(req), clock());
        await sendFile({ database }, req, req.res!, wanted);
      },
    }),
    operation({
      ...{
        method: 'get',
        path: '/exports/schedules',
        tag: 'Exports',
        summary: 'Files that are sent regularly',
      },
      response: z.object({ items: z.array(schedule) }),
      handler: async (db) => ({ items: await listSchedules(db) }),
    }),
    operation({
      ...{ method: 'post', path: '/exports/schedules', tag: 'Exports', body: scheduleInput, status: 201 },
      ...{ summary: 'Have a file sent to oneself regularly', roles: ['owner', 'manager'] },
      response: z.object({ id }),
      handler: async (db, { body, req }) => ({ id: await createSchedule(db, body, zoneOf(req), clock()) }),
    }),
    operation({
      ...{ method: 'delete', path: '/exports/schedules/:id', tag: 'Exports', params: z.object({ id }) },
      ...{ summary: 'End a schedule', roles: ['owner', 'manager'] },
      handler: (db, { params }) => removeSchedule(db, params.id),
    }),
  ];
}
