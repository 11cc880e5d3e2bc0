import { z } from 'zod';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import { alarmsList, listAlarms } from './alarms.queries.ts';

const alarm = z.object({
  ...{ id, at: instant, place: z.string(), surface: z.string(), receipt: z.string(), viewer: z.string() },
  ...{ viewerMarket: id.nullable(), route: z.string(), acknowledgedAt: instant.nullable() },
});

/** The JSON twin of the alarms page, for whoever watches the platform. */
export function alarmsAdminOperations(): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/alarms', tag: 'Alarms', summary: 'Where the decoy market was seen' },
      query: listSchema(alarmsList),
      response: z.object({
        ...{ rows: z.array(alarm), next: z.string().nullable(), previous: z.string().nullable() },
      }),
      handler: (db, { req }) => listAlarms(db, parseList(alarmsList, req.query, 'strict')),
    }),
  ];
}
