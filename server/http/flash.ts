import type { RequestHandler } from 'express';
import type { Message } from '../errors.ts';

type Kind = 'ok' | 'warn' | 'error' | 'info';

declare module 'express-serve-static-core' {
  interface Response {
    /** A message for the next page: `res.flash('ok', 'offers:saved'); res.redirect(303, …)`. */
    flash(kind: Kind, message: Message): void;
  }
}

const KINDS: readonly string[] = ['ok', 'warn', 'error', 'info'];
const KEY = /^[a-z-]+:[\w.-]{1,80}$/i;

/** Carries one message over a redirect in a short-lived cookie: a message key and its values, never HTML. */
export function flash(cookie: string): RequestHandler {
  const options = { httpOnly: true, secure: true, sameSite: 'lax', path: '/' } as const;
  return (req, res, next) => {
    const found = read(req.cookies?.[cookie]);
    if (found) {
      res.clearCookie(cookie, options);
      res.locals.flash = [{ kind: found.kind, text: req.t(found.key, found.values) }];
    }
    res.flash = (kind, message) => {
      const [key, values] = typeof message === 'string' ? [message, {}] : message;
      res.cookie(cookie, JSON.stringify({ kind, key, values: short(values) }), {
        ...options,
        maxAge: 60_000,
      });
    };
    next();
  };
}

function read(text: unknown): { kind: Kind; key: string; values: Record<string, string> } | null {
  try {
    const { kind, key, values } = JSON.parse(String(text ?? 'null'));
    if (!KINDS.includes(kind) || !KEY.test(key)) return null;
    return { kind, key, values: short(values ?? {}) };
  } catch {
    return null;
  }
}

/** Browsers drop a cookie of more than 4 KB, and clients a header of more than 16. */
function short(values: Readonly<Record<string, unknown>>): Record<string, string> {
  const plain = Object.entries(values).slice(0, 8);
  return Object.fromEntries(plain.map(([name, value]) => [name, String(value).slice(0, 200)]));
}
