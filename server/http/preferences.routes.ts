import { type Request, type Response, Router } from 'express';
import { LOCALE_COOKIE, THEME_COOKIE, THEMES } from './locale.ts';

const YEAR_MS = 31_536_000_000;

/**
 * `POST /locale` and `POST /theme`: two cookies that carry no authority, so they need no session. Both go back
 * to where the form was. `secure` is off only over plain HTTP in development.
 */
export function preferenceRoutes(options: { secure: boolean }): Router {
  const router = Router();
  const keep =
    (cookie: string, field: string, allowed: readonly string[]) => (req: Request, res: Response) => {
      const value: unknown = req.body?.[field];
      if (typeof value === 'string' && allowed.includes(value)) {
        res.cookie(cookie, value, {
          maxAge: YEAR_MS,
          sameSite: 'lax',
          httpOnly: true,
          secure: options.secure,
          path: '/',
        });
      }
      res.redirect(303, safePath(req.body?.back));
    };
  router.post('/locale', keep(LOCALE_COOKIE, 'locale', ['en', 'ar']));
  router.post('/theme', keep(THEME_COOKIE, 'theme', THEMES));
  return router;
}

/** Only a path of this origin: `//host`, `/\host`, a scheme or a control character would leave it. */
export function safePath(value: unknown): string {
  if (typeof value !== 'string' || !/^\/(?![/\\])[\x21-\x7e]*$/.test(value) || value.includes('\\'))
    return '/';
  return value;
}
