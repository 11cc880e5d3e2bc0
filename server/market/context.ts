import { createHmac } from 'node:crypto';
import type { Scope } from './scope.ts';

/** A context-signing key: `kid` names it in the database's key table, `key` is 32 random bytes. */
export interface ContextKey {
  readonly kid: string;
  readonly key: Buffer;
  /** False only behind a connection pooler that hides the backend's pid (see SECURITY notes). */
  readonly bindsPid: boolean;
}

/** Long enough for one statement or transaction, short enough that a captured context is soon worthless. */
export const CONTEXT_SECONDS = 60;

/**
 * The scope as the database receives it:
 * `v1|kid|surface|market|actor kind|actor id|role|backend pid|expiry, epoch seconds|HMAC-SHA256 in hex`.
 * `app.claims()` in the database verifies it; anything it doubts counts as no context at all.
 */
export function signContext(scope: Scope, key: ContextKey, backendPid: number, now = Date.now()): string {
  const expires = Math.floor(now / 1000) + CONTEXT_SECONDS;
  const { surface, marketId, actor } = scope;
  const pid = key.bindsPid ? backendPid : 0;
  const body = `v1|${key.kid}|${surface}|${marketId ?? ''}|${actor.kind}|${actor.id}|${actor.role}|${pid}|${expires}`;
  return `${body}|${createHmac('sha256', key.key).update(body).digest('hex')}`;
}
