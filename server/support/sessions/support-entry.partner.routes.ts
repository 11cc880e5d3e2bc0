import { type Response, Router } from 'express';
import { COOKIE } from '../../auth/cookies.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import type { SupportGate } from './support-gate.ts';
import { tellMarket } from './support-notice.ts';
import { SUPPORT_ENTRY } from './support-paths.ts';
import { AFTERWARDS_MS, supportScope } from './support-scope.ts';

const codeOf = (value: unknown): string => (typeof value === 'string' && value.length <= 64 ? value : '');

/** `/support-session/entry?code=…`: the one-time link, which a staff member follows from the admin portal. */
export function supportEntryRoutes(deps: Deps): Router {
  const router = Router();
  const gate = deps.open!.support;

  router.get(SUPPORT_ENTRY, async (req, res) => {
    const code = codeOf(req.query.code);
    const waiting = await gate.find(code);
    if (!waiting) throw await noWay(gate, code);
    const locals = { title: req.t('support:entry'), code, waiting };
    res.page('partner/support/entry', locals, { layout: 'plain' });
  });

  router.post(SUPPORT_ENTRY, async (req, res) => {
    const code = codeOf((req.body as Record<string, unknown> | undefined)?.code);
    const waiting = await gate.find(code);
    const opened = waiting && (await gate.open(code, req.receipt));
    if (!opened) throw await noWay(gate, code);
    const { marketId, id, expiresAt } = opened;
    await setCookie(deps, res, { marketId, id, expiresAt });
    const db = deps.database.scoped(supportScope(marketId, id, req.receipt));
    const address = deps.config.publicUrl;
    await tellMarket(deps.mailer, db, { letter: 'supportOpened', ...waiting, market: waiting, address });
    res.redirect(303, '/');
  });
  return router;
}

/** Why a link leads nowhere. Whoever holds no code at all learns nothing about any session. */
const noWay = async (gate: SupportGate, code: string): Promise<AppError> =>
  new AppError(404, `support-link-${(await gate.linkFateOf(code)) ?? 'unknown'}`, {
    values: { isOutside: true },
  });

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
