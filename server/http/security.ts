import { randomBytes } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

const REFUSED = 'microphone=(), geolocation=(), payment=(), usb=()';

/** For a page that scans: nothing it contains but its own scripts may ask for the camera. */
export function allowCamera(res: Response): void {
  res.set('Permissions-Policy', `camera=(self), ${REFUSED}`);
}

/** A fresh nonce, and headers that let a page load nothing but its own origin's files. */
export function securityHeaders(options: { https: boolean }): RequestHandler {
  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'", (_req, res) => `'nonce-${(res as Response).locals.nonce}'`],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'blob:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    crossOriginEmbedderPolicy: true,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    // Same-origin requests keep it; a link to the outside tells nobody which page it was on.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: options.https ? { maxAge: 31_536_000, includeSubDomains: true } : false,
    xFrameOptions: { action: 'deny' },
  });
  return (req, res, next) => {
    res.locals.nonce = randomBytes(16).toString('base64');
    res.set('Permissions-Policy', `camera=(), ${REFUSED}`);
    // What a session sees stays out of shared caches; assets set their own.
    res.set('Cache-Control', 'private, no-store');
    headers(req, res, next);
  };
}
