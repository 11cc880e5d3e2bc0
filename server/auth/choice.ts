import type { Request, Response } from 'express';
import type { Deps } from '../deps.ts';
import { COOKIE } from './cookies.ts';

/** Time to choose a market between the password and the session. */
const CHOICE_SECONDS = 300;

/** Remembers who gave the right password and has still to choose a market. It opens nothing else. */
export async function setChoice(
  { tokens, clock, cookies }: Deps,
  res: Response,
  personId: string,
): Promise<void> {
  const token = await tokens.sign(
    'choice',
    { sub: personId },
    { issuedAt: clock(), seconds: CHOICE_SECONDS },
  );
  res.cookie(cookies.choice, token, { ...COOKIE, maxAge: CHOICE_SECONDS * 1000 });
}

export async function readChoice({ tokens, clock, cookies }: Deps, req: Request): Promise<string | null> {
  const claims = await tokens.verify('choice', req.cookies[cookies.choice] ?? '', clock());
  return typeof claims?.sub === 'string' ? claims.sub : null;
}
