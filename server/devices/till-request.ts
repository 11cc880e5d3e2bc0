import type { ScopedClient } from '../db/client.ts';
import type { Direct } from '../db/direct.ts';
import type { Scope } from '../market/scope.ts';

/** A request of a till that has proved who it is: both ways to the database are under the device login. */
export interface TillRequest {
  readonly scope: Scope;
  readonly device: { readonly id: string; readonly branchId: string; readonly name: string };
  /** `pull:offers`, `push:redemptions`: what its token is for. */
  readonly operations: ReadonlySet<string>;
  readonly db: ScopedClient;
  readonly direct: Direct;
}

declare module 'express-serve-static-core' {
  interface Request {
    /** Set behind `deviceAuth`. */
    till: TillRequest;
  }
}
