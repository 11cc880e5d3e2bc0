import { type Request, type Response, Router } from 'express';
import { COOKIE } from '../../auth/cookies.ts';
import type { Deps } from '../../deps.ts';
import { tellMarket } from './support-notice.ts';
import { supportScope } from './support-scope.ts';

/** The cookie outlives the session a little, so that its end can be told instead of a sign-in page. */
const AFTERWARDS_MS = 3_600_000;

const codeOf = (value: unknown): string => (typeof value === 'string' && value.length <= 64 ? value : '');

/** `/support-session/entry?code=…`: the one-time link, which a staff member follows from the admin portal. */
export function supportEntryRoutes(deps: Deps): Router {
  const router = Router();
  const gate = deps.open!.support;

  router.get('/support-session/entry', async (req, res) => {
    const code = codeOf(req.query.code);
    show(req, res, code, code ? await gate.find(code) : null);
  });

  router.post('/support-session/entry', async (req, res) => {
    const code = codeOf((req.body as Record<string, unknown> | undefined)?.code);
    const waiting = code ? await gate.find(code) : null;
    const opened = waiting && (await gate.open(code, req.receipt));
    if (!opened) return show(req, res, code, null);
    const { marketId, id, expiresAt } = opened;
    await setCookie(deps, res, { marketId, id, expiresAt });
    const db = deps.database.scoped(supportScope(marketId, id, req.receipt));
    const address = deps.config.publicUrl;
    await tellMarket(deps.mailer, db, { letter: 'supportOpened', ...waiting, market: waiting, address });
    res.redirect(303, '/');
  });
  return router;
}

function show(req: Request, res: Response, code: string, waiting: object | null): void {
  const locals = { title: req.t('support:entry'), code, waiting };
  res.page('partner/support/entry', locals, { layout: 'plain', status: waiting ? 200 : 404 });
}

async function setCookie(
  { tokens, cookies, clock }: Deps,
  res: Response,
  { marketId, id, expiresAt }: { marketId: string; id: string; expiresAt: Date },
): Promise<void> {
  const issuedAt = clock();
  const seconds = Math.max(1, Math.ceil((expiresAt.getTime() - issuedAt.getTime()) / 1000));
  const token = await tokens.sign('support', { sub: id, mkt: marketId }, { issuedAt, seconds });
  res.cookie(cookies.support, token, { ...COOKIE, maxAge: seconds * 1000 + AFTERWARDS_MS });
}
