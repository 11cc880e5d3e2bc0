import { type ErrorRequestHandler, type Request, type RequestHandler, Router } from 'express';
import { pairTill } from '../auth/till-pairing.ts';
import type { Deps } from '../deps.ts';
import { unauthorized } from '../errors.ts';
import type { DocumentedOperation } from '../http/api.ts';
import { signedJson } from '../http/bodies.ts';
import { notFoundHandler, problemHandler } from '../http/error-handler.ts';
import { commonParameters, language } from '../http/language.ts';
import { queryParameters } from '../http/parameters.ts';
import { deviceAuth } from './device-auth.ts';
import { deviceDocument } from './device-openapi.ts';
import { createDeviceTokens } from './device-tokens.ts';
import { checkBody, digestOf, type Proof } from './dpop.ts';
import { createNonces } from './nonces.ts';
import { tillEntryRoutes } from './tills.device.routes.ts';
import { tillsDocuments } from './tills.documents.ts';
import { findPlace } from './tills.queries.ts';

export interface DeviceSurface {
  /** Each is a router that expects `req.till`. */
  readonly routes: readonly ((deps: Deps) => Router)[];
  /** What the routes say of themselves in /sync/v1/openapi.json. */
  readonly operations: readonly DocumentedOperation[];
}

const ENTRY_LIMIT = '16kb';
/** Five hundred redemptions in one push. */
const BODY_LIMIT = '1mb';

/**
 * Everything below /sync/v1, in the order in which a request passes it. No cookie is read and no header lets pages of
 * another origin in.
 */
export function deviceSurface({ routes, operations }: DeviceSurface): (deps: Deps) => Router {
  return (deps) => {
    const { till, open, gate, clock, config } = deps;
    if (!till || !open) throw new Error('This process has no door to the device surface');
    const document = deviceDocument(config.publicUrl, [...tillsDocuments, ...operations]);
    const parts = {
      ...{ database: till.database, limits: open.limits, publicUrl: config.publicUrl, clock },
      ...{ tokens: createDeviceTokens(till.tokenKeys), nonces: createNonces(till.tokenKeys) },
    };
    const digests = new WeakMap<object, string>();
    const proofs = new WeakMap<Request, Proof>();
    const digestOfBody = (req: Request) => digests.get(req);
    const body = (limit: string) => signedJson(limit, (req, bytes) => digests.set(req, digestOf(bytes)));
    const entry = Router();
    entry.use(['/pairings', '/challenges', '/tokens'], body(ENTRY_LIMIT));
    entry.use(tillEntryRoutes({ ...parts, digestOfBody, pair: (pairing) => pairTill(gate, pairing) }));

    const router = Router();
    router.use(language(deps.messages), queryParameters());
    router.get('/openapi.json', (_req, res) => void res.json(document));
    router.use(entry);
    router.use(
      deviceAuth(parts, proofs),
      commonParameters(),
      body(BODY_LIMIT),
      bodyAsProved(proofs, digestOfBody),
    );
    router.get('/device', async (req, res) => void res.json(await ownPlace(req, clock())));
    for (const each of routes) router.use(each(deps));
    router.use(notFoundHandler, howToAuthenticate, problemHandler());
    return router;
  };
}

/** Only once the token is known to be good is a body read, and only one that the proof is about gets on. */
function bodyAsProved(
  proofs: WeakMap<Request, Proof>,
  digestOfBody: (req: Request) => string | undefined,
): RequestHandler {
  return (req, _res, next) => {
    checkBody(proofs.get(req)!, digestOfBody(req));
    next();
  };
}

async function ownPlace({ till }: Request, now: Date) {
  const place = await findPlace(till.direct);
  // Revoked in this very moment.
  if (!place) throw unauthorized('till-token-refused');
  return { deviceId: till.device.id, ...place, serverTime: now.toISOString() };
}

const DPOP_ERRORS: Record<string, string> = {
  use_dpop_nonce: 'use_dpop_nonce',
  'proof-refused': 'invalid_dpop_proof',
  'token-expired': 'invalid_token',
  'till-token-refused': 'invalid_token',
};

/** RFC 9449, section 7.1. */
const howToAuthenticate: ErrorRequestHandler = (error, _req, res, next) => {
  const { status, code } = error as { status?: unknown; code?: unknown };
  const named = DPOP_ERRORS[String(code)];
  if (status === 401) res.set('WWW-Authenticate', `DPoP algs="ES256"${named ? `, error="${named}"` : ''}`);
  next(error);
};
