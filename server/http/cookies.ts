import type { RequestHandler } from 'express';

/** Reads cookies as plain strings: the first of a name counts, and nothing in them is parsed any further. */
export function cookies(): RequestHandler {
  return (req, _res, next) => {
    req.cookies = parseCookies(req.headers.cookie ?? '');
    next();
  };
}

export function parseCookies(header: string): Record<string, string> {
  const found: Record<string, string> = Object.create(null);
  for (const pair of header.split(';')) {
    const split = pair.indexOf('=');
    const name = pair.slice(0, split).trim();
    if (split > 0 && name !== '' && !(name in found)) found[name] = decode(pair.slice(split + 1).trim());
  }
  return found;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
