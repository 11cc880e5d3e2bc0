import type { Server } from 'node:http';

export interface Route {
  readonly method: string;
  /** Express's pattern, mount paths included. */
  readonly path: string;
  readonly params: readonly string[];
  readonly matches: RegExp;
}

interface Layer {
  readonly rawPath: unknown;
  readonly route?: { readonly path: unknown; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle: { readonly stack?: readonly Layer[] };
}

/** Every route of an Express 5 app, nested routers included, in the order in which they are asked. */
export function routesOf(server: Server): Route[] {
  const app = server.listeners('request')[0] as unknown as { router: { stack: readonly Layer[] } };
  return walk(app.router.stack, '');
}

function walk(stack: readonly Layer[], mount: string): Route[] {
  return stack.flatMap((layer) => {
    if (layer.route) return routesAt(layer.route, mount);
    if (!layer.handle.stack) return [];
    return plainPaths(layer.rawPath).flatMap((path) => walk(layer.handle.stack ?? [], join(mount, path)));
  });
}

function routesAt(route: NonNullable<Layer['route']>, mount: string): Route[] {
  return plainPaths(route.path).flatMap((path) =>
    Object.keys(route.methods).map((method) => routeOf(method.toUpperCase(), join(mount, path))),
  );
}

/** A route that could hide from the crawler must not: patterns are strings. */
function plainPaths(path: unknown): string[] {
  const paths = [path].flat(5);
  for (const each of paths)
    if (typeof each !== 'string') throw new Error(`A route's path is no string: ${each}`);
  return paths as string[];
}

function routeOf(method: string, path: string): Route {
  const source = path
    .replace(/[.()[\]^$|+?]/g, '\\$&')
    .replace(/\{\*\w+\}/g, '.*')
    .replace(/:(\w+)/g, '([^/]+)');
  const params = [...path.matchAll(/:(\w+)/g)].map((found) => found[1]!);
  return { method, path, params, matches: new RegExp(`^${source}/?$`) };
}

const join = (mount: string, path: string): string =>
  `${mount}/${path}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');

export const keyOf = ({ method, path }: Pick<Route, 'method' | 'path'>): string => `${method} ${path}`;

export function findRoute(routes: readonly Route[], method: string, path: string): Route | undefined {
  return routes.find(
    (route) => (route.method === method || route.method === '_ALL') && route.matches.test(path),
  );
}

/** The pattern with these values in place of its parameters. */
export function fill(route: Route, values: readonly string[]): string {
  let index = 0;
  return route.path.replace(/:\w+/g, () => values[index++] ?? 'missing');
}

/** Whether it belongs to the public surface: no portal's session counts there. */
export const isPublic = ({ path }: Route): boolean => /^\/(public|m)\//.test(path) || /^\/widget/.test(path);

/** Whether it belongs to the device surface, where tills prove themselves. */
export const isDevice = ({ path }: Route): boolean => path.startsWith('/sync/');
