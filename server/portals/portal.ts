import type { RequestHandler, Router } from 'express';
import type { Directory } from '../auth/directory.ts';
import type { Gate } from '../auth/gate.ts';
import type { SessionTable } from '../auth/session.ts';
import type { PortalName } from '../config.ts';
import type { Database } from '../db/client.ts';
import type { Login } from '../db/setup/roles.ts';
import type { Deps } from '../deps.ts';
import type { Operation } from '../http/api.ts';
import type { NavItem } from '../http/render.ts';

export type RouterFactory = (deps: Deps) => Router;
export type OperationsFactory = (deps: Deps) => readonly Operation[];

export type GuardFactory = (deps: Deps) => RequestHandler;

export interface PortalNavItem extends NavItem {
  /** For pages that only some settings bring; always shown when absent. */
  readonly shown?: (deps: Deps) => boolean;
}

/** All in which the two processes differ, as data. */
export interface Portal {
  readonly name: PortalName;
  /** The database logins it must run as; the boot guard checks them. */
  readonly logins: { readonly scoped: Login; readonly gate: Login };
  readonly sessionTable: SessionTable;
  readonly directory: (gate: Gate) => Directory;
  readonly throttleTable: string;
  /** Session → scope. */
  readonly auth: (database: Database) => RequestHandler;
  readonly nav: readonly PortalNavItem[];
  /** In front of everything that reads cookies, shoppers' pages among it. */
  readonly guards: readonly GuardFactory[];
  /** Under `/public/v1`: no session and no cookie, but a publishable key. They answer everything below it. */
  readonly publicRoutes: readonly RouterFactory[];
  /** Under `/sync/v1`: tills, who prove themselves with a key of their own. They answer everything below it. */
  readonly deviceRoutes: readonly RouterFactory[];
  /** Under `/hooks`: what other services tell us, each proved by a signature over the bytes of its body. */
  readonly hookRoutes: readonly RouterFactory[];
  /** Pages and files for shoppers and tills: the portal's own sessions and form tokens mean nothing in them. */
  readonly shopperRoutes: readonly RouterFactory[];
  /** Reachable without a session: they see `req.session` only if there is one. */
  readonly openRoutes: readonly RouterFactory[];
  /** Behind `auth`: `req.scope` and `req.db` are set. */
  readonly routes: readonly RouterFactory[];
  readonly operations: readonly OperationsFactory[];
  /** Begins the portal's background work; what it gives back ends it. */
  readonly startJobs: (deps: Deps) => Promise<() => Promise<void>>;
}
