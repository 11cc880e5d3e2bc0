import type { Request } from 'express';
import type { Device } from './session.ts';

/** Shown in the person's own list of sessions; never trusted for anything. */
export function deviceOf(req: Request): Device {
  const userAgent = (req.get('user-agent') ?? '').replace(/[^\x20-\x7e]/g, '').slice(0, 200);
  return { userAgent, address: req.ip ?? '' };
}
