import type { RequestHandler } from 'express';
import { z } from 'zod';
import { forbidden } from '../errors.ts';

/** What a sync token may be for: the collections that a till pulls and pushes. A token holds all of them or fewer. */
export const DEVICE_OPERATIONS = [
  'pull:offers',
  'pull:claims',
  'pull:settings',
  'push:redemptions',
  'push:leases',
] as const;
export type DeviceOperation = (typeof DEVICE_OPERATIONS)[number];

export const operations = z.array(z.enum(DEVICE_OPERATIONS)).min(1);

/** Lets only tokens past that are for this: `router.post('/push', requireOperation('push:redemptions'), …)`. */
export function requireOperation(...needed: readonly DeviceOperation[]): RequestHandler {
  return (req, _res, next) => {
    const missing = needed.find((each) => !req.till.operations.has(each));
    next(missing && forbidden('operation-refused', { operation: missing }));
  };
}
