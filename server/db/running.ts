import { AsyncLocalStorage } from 'node:async_hooks';
import type { Scope } from '../market/scope.ts';
import { CarriedError, NoScopeError } from './db.errors.ts';

/**
 * What runs now, as the adapter must know it. `raw` is set once hand-written SQL has been sent: such a
 * connection may carry anything (settings, locks, cursors, prepared statements) and is reset before somebody
 * else gets it.
 */
export interface Running {
  readonly scope: Scope;
  raw: boolean;
}

export const running = new AsyncLocalStorage<Running>();

/**
 * Read synchronously when a connection is asked for or a transaction begins, never later: a pool hands a
 * connection over in the async context of whoever gave it back.
 */
export function currentRunning(): Running {
  const now = running.getStore();
  if (!now) throw new CarriedError(new NoScopeError());
  return now;
}
