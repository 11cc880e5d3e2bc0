import { createHash } from 'node:crypto';
import { CONTEXT_SECONDS, type ContextKey, signContext } from '../../market/context.ts';
import { NOBODY, type Scope } from '../../market/scope.ts';
import type { RequestRole } from '../role-clients.ts';
import type { ProbeMarket } from './probe.input.ts';

/** A context that must count for nothing. */
export interface Lie {
  readonly verb: 'forged' | 'stale';
  readonly name: string;
  readonly text: string;
}

const SURFACES = {
  bulkhead_partner: 'partner',
  bulkhead_public: 'public',
  bulkhead_device: 'device',
} as const;

export type AttackingRole = keyof typeof SURFACES & RequestRole;
export const ATTACKING_ROLES = Object.keys(SURFACES) as AttackingRole[];

/** Whoever the market has on this surface, with all rights that it can give. */
export function scopeFor(role: AttackingRole, { id, member, device, shopper }: ProbeMarket): Scope {
  const actors = {
    bulkhead_partner: { kind: member ? 'partner' : 'job', id: member ?? NOBODY, role: 'owner' },
    bulkhead_public: { kind: shopper ? 'shopper' : 'visitor', id: shopper ?? NOBODY, role: 'none' },
    bulkhead_device: { kind: 'device', id: device ?? NOBODY, role: 'none' },
  } as const;
  return {
    surface: SURFACES[role],
    marketId: id,
    actor: { ...actors[role], name: 'Probe' },
    receipt: 'probe',
  };
}

/** Every way of lying that we know, from within a process that holds this key. */
export function liesOf(
  role: AttackingRole,
  own: ProbeMarket,
  foreign: ProbeMarket,
  key: ContextKey,
  pid: number,
): Lie[] {
  const scope = scopeFor(role, own);
  const signed = signContext(scope, key, pid);
  const theirs = signContext(scopeFor(role, foreign), key, pid);
  const longAgo = Date.now() - (CONTEXT_SECONDS + 5) * 1000;
  const staff: Scope = {
    ...scope,
    surface: 'admin',
    marketId: null,
    actor: { kind: 'staff', id: NOBODY, role: 'operator', name: '' },
  };
  const forged = (name: string, text: string): Lie => ({ verb: 'forged', name, text });
  const stale = (name: string, text: string): Lie => ({ verb: 'stale', name, text });
  const expired = signContext(scopeFor(role, foreign), key, pid, longAgo);
  return [
    forged('missing', ''),
    forged('altered after signing', signed.replace(own.id, foreign.id)),
    forged(
      'signed with a MAC of its own',
      theirs.replace(/[^|]*$/, createHash('sha256').update(theirs).digest('hex')),
    ),
    forged('without a MAC', theirs.replace(/[^|]*$/, '')),
    forged('signed with an unknown key', theirs.replace(`|${key.kid}|`, '|nobody|')),
    forged('of staff, signed with this surface’s key', signContext(staff, key, pid)),
    forged(
      'of another surface, signed with this one’s key',
      signContext(
        { ...scopeFor(role, foreign), surface: role === 'bulkhead_partner' ? 'public' : 'partner' },
        key,
        pid,
      ),
    ),
    stale('expired', expired),
    ...(key.bindsPid
      ? [stale('of another connection', signContext(scopeFor(role, foreign), key, pid + 1))]
      : []),
    stale(
      'expired and its end altered',
      expired.replace(/\|(\d+)\|([0-9a-f]+)$/, (_, end, mac) => `|${Number(end) + 600}|${mac}`),
    ),
  ];
}
