import { z } from 'zod';
import type { Scope } from '../../market/scope.ts';
import type { RequestRole } from '../role-clients.ts';
import { VERBS } from './table-facts.ts';

/** Whoever may be asked about, by surface. A job acts for its market on the partner's, and so do support sessions and people who have signed in. */
const KINDS = {
  partner: ['partner', 'job', 'person', 'support'],
  public: ['key', 'visitor', 'shopper'],
  device: ['device'],
  admin: ['staff'],
} as const;

const ROLES = {
  partner: 'bulkhead_partner',
  public: 'bulkhead_public',
  device: 'bulkhead_device',
  admin: 'bulkhead_admin',
} as const satisfies Record<Scope['surface'], RequestRole>;

export const ACTOR_KINDS = Object.values(KINDS).flat();
export type ActorKind = (typeof ACTOR_KINDS)[number];

/** Undefined for whoever is nobody to ask about: who had not signed in. */
export const actorKindOf = (kind: string): ActorKind | undefined => ACTOR_KINDS.find((each) => each === kind);

const surfaces = Object.keys(KINDS) as Scope['surface'][];
export const surfaceOf = (kind: ActorKind): Scope['surface'] =>
  surfaces.find((surface) => (KINDS[surface] as readonly string[]).includes(kind))!;
export const roleOf = (surface: Scope['surface']): RequestRole => ROLES[surface];

const value = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.json()),
  z.record(z.string(), z.json()),
]);
const name = z.string().regex(/^[a-z_]{1,63}$/);

/** A question as the process that holds the role's key gets it: one row, by its key and what policies ask of it. */
export const question = z.strictObject({
  surface: z.enum(['partner', 'public', 'device', 'admin']),
  marketId: z.uuid().nullable(),
  actor: z.strictObject({
    kind: z.enum(ACTOR_KINDS),
    id: z.uuid(),
    role: z.enum(['owner', 'manager', 'analyst', 'operator', 'support', 'none']),
  }),
  table: name,
  verb: z.enum(VERBS),
  key: z.record(name, z.string()),
  row: z.record(name, value),
});

export type Question = z.infer<typeof question>;

/** The scope that the question is about. */
export function scopeOf({ surface, marketId, actor }: Question): Scope {
  const scope = { surface, marketId, actor: { ...actor, name: '' }, receipt: 'why' };
  return actor.kind === 'support' ? { ...scope, support: { sessionId: actor.id } } : scope;
}
