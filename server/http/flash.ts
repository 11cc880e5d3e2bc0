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
      res.cookie(cookie, JSON.stringify({ kind, key, values }), { ...options, maxAge: 60_000 });
    };
    next();
  };
}

function read(text: unknown): { kind: Kind; key: string; values: Record<string, string> } | null {
  try {
    const { kind, key, values } = JSON.parse(String(text ?? 'null'));
    if (!KINDS.includes(kind) || !KEY.test(key)) return null;
    const plain = Object.entries(values ?? {}).map(([name, value]) => [name, String(value).slice(0, 200)]);
    return { kind, key, values: Object.fromEntries(plain) };
  } catch {
    return null;
  }
}
