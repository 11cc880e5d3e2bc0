import { z } from 'zod';
import { type Operation, operation } from '../http/api.ts';
import { id, instant } from '../http/fields.ts';
import { listSchema, parseList } from '../http/list-query.ts';
import {
  conflictAdminList,
  conflictKinds,
  conflictList,
  resolutionForm,
  resolutions,
} from './conflicts.input.ts';
import { findConflict, listConflicts, listPlatformConflicts } from './conflicts.queries.ts';
import { resolveConflict } from './conflicts.service.ts';

const conflict = z.object({
  ...{ id, deviceId: id, code: z.string(), kind: z.enum(conflictKinds), claimId: id.nullable() },
  redeemedAt: instant.nullable().meta({ description: 'By the till, its clock’s skew taken out' }),
  ...{ receivedAt: instant, resolution: z.enum(resolutions).nullable(), resolvedAt: instant.nullable() },
  device: z.object({ name: z.string() }),
  branch: z.object({ id, nameEn: z.string(), nameAr: z.string() }),
});

const detailed = conflict.extend({
  deviceAt: instant.meta({ description: 'What the till’s own clock said' }),
  skewMs: z.int().meta({ description: 'How far that clock was ahead' }),
  resolutionNote: z.string().nullable(),
  claim: z
    .object({
      ...{ id, state: z.string(), titleEn: z.string(), titleAr: z.string() },
      ...{ price: z.int(), currency: z.string(), expiresAt: instant.nullable() },
      ...{ redeemedAt: instant.nullable(), redeemer: z.string().nullable() },
    })
    .nullable(),
});

const pageOf = (row: z.ZodType) =>
  z.object({ rows: z.array(row), next: z.string().nullable(), previous: z.string().nullable() });

const tag = 'Conflicts';
const params = z.object({ deviceId: id, id });
const one = { path: '/conflicts/:deviceId/:id', tag, params } as const;

/** The JSON twins of the conflicts' pages. */
export function conflictsPartnerOperations(): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/conflicts', tag, summary: 'List what tills redeemed and lost' },
      ...{ query: listSchema(conflictList), response: pageOf(conflict) },
      handler: (db, { req }) => listConflicts(db, parseList(conflictList, req.query, 'strict')),
    }),
    operation({
      ...{ ...one, method: 'get', summary: 'One conflict', response: detailed },
      handler: (db, { params }) => findConflict(db, params),
    }),
    operation({
      ...{ ...one, method: 'post', path: `${one.path}/resolution`, summary: 'Decide a conflict' },
      description: 'Once. The claim stays as it is.',
      ...{ roles: ['owner', 'manager'], body: resolutionForm },
      handler: (db, { params, body }) => resolveConflict(db, params, body),
    }),
  ];
}

/** For staff: those of all markets. */
export function conflictsAdminOperations(): readonly Operation[] {
  return [
    operation({
      ...{ method: 'get', path: '/conflicts', tag, summary: 'List conflicts of all markets' },
      ...{ query: listSchema(conflictAdminList), response: pageOf(conflict.extend({ marketId: id })) },
      handler: (db, { req }) => listPlatformConflicts(db, parseList(conflictAdminList, req.query, 'strict')),
    }),
  ];
}
