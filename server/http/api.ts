import { type Request, type RequestHandler, Router } from 'express';
import type { z } from 'zod';
import type { ScopedClient } from '../db/client.ts';
import { type FieldErrors, invalid, notFound } from '../errors.ts';
import type { MarketRole, StaffRole } from '../market/scope.ts';
import { fieldErrors } from './form.ts';
import { requireRole } from './request.ts';

type Schema = z.ZodType | undefined;
type Output<S extends Schema> = S extends z.ZodType ? z.output<S> : undefined;

export interface OperationInput<P extends Schema, Q extends Schema, B extends Schema> {
  readonly params: Output<P>;
  readonly query: Output<Q>;
  readonly body: Output<B>;
  /** For the rare operation that needs more, such as its session. */
  readonly req: Request;
}

/** One JSON operation: the same data makes the route and its entry in the OpenAPI document. */
export interface Operation<
  P extends Schema = Schema,
  Q extends Schema = Schema,
  B extends Schema = Schema,
  R extends Schema = Schema,
> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Below /api/v1, parameters in Express style: `/offers/:id/publication`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  /** Who may; everyone with a session when absent. */
  readonly roles?: readonly (MarketRole | StaffRole)[];
  /** Params that don't fit the schema are answered 404, like an unknown id. */
  readonly params?: P;
  /** A plain z.object is made strict: an unknown parameter is a 422, not silently ignored. */
  readonly query?: Q;
  readonly body?: B;
  /** Cuts the answer to what is declared. Absent: 204. */
  readonly response?: R;
  /** Of the good answer; 200, or 204 without a response. */
  readonly status?: number;
  /** `session` (the default): under a scope. `none`: before sign-in; `db` is undefined then. `shopper`: with a token besides the key. */
  readonly auth?: 'session' | 'none' | 'shopper';
  readonly handler: (db: ScopedClient, input: OperationInput<P, Q, B>) => unknown;
}

/** What the OpenAPI document says about an operation; routes made by hand describe themselves with it. */
export type DocumentedOperation = Omit<Operation, 'handler'>;

/** Keeps the types of params, query and body for the handler. */
export function operation<P extends Schema, Q extends Schema, B extends Schema, R extends Schema>(
  definition: Operation<P, Q, B, R>,
): Operation {
  return definition as unknown as Operation;
}

/** Routes of operations. Those without a session go in front of `auth`, the rest behind. */
export function apiRouter(
  operations: readonly Operation[],
  document: object,
  auth: readonly RequestHandler[],
): Router {
  const router = Router();
  router.get('/openapi.json', (_req, res) => void res.json(document));
  const open = operations.filter((each) => each.auth === 'none');
  const closed = operations.filter((each) => each.auth !== 'none');
  for (const each of open) router[each.method](each.path, answer(each));
  router.use(...auth);
  for (const each of closed) {
    const guards = each.roles ? [requireRole(...each.roles)] : [];
    router[each.method](each.path, ...guards, answer(each));
  }
  return router;
}

function answer(each: Operation): RequestHandler {
  const query = each.query && strict(each.query);
  const body = each.body && strict(each.body);
  return async (req, res) => {
    const params = each.params?.safeParse(req.params);
    const errors: FieldErrors = {};
    const input = {
      params: params?.data,
      query: read(query, req.query, errors),
      body: read(body, req.body ?? {}, errors),
      req,
    };
    if (Object.keys(errors).length > 0) throw invalid(errors);
    // Only now, where an unknown id is found out too: the two must not differ in what is complained about first.
    if (params && !params.success) throw notFound();
    const result = await each.handler(req.db, input as OperationInput<Schema, Schema, Schema>);
    if (res.headersSent) return;
    if (!each.response) return void res.status(each.status ?? 204).end();
    res.status(each.status ?? 200).json(each.response.parse(result));
  };
}

function read(schema: z.ZodType | undefined, given: unknown, errors: FieldErrors): unknown {
  if (!schema) return undefined;
  const result = schema.safeParse(given, { reportInput: true });
  if (result.success) return result.data;
  Object.assign(errors, fieldErrors(result.error.issues));
  return undefined;
}

const strict = (schema: z.ZodType): z.ZodType =>
  schema.type === 'object' ? (schema as z.ZodObject).strict() : schema;
