import { type Request, type Response, Router } from 'express';
import { COOKIE } from '../auth/cookies.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { parseForm } from '../http/form.ts';
import { idParam } from '../http/ids.ts';
import { allowCamera } from '../http/security.ts';
import { isCode, readCode, spelled } from './claim-code.ts';
import { redemptionForm } from './claims.input.ts';
import { claimStateOf, findClaim, findClaimByCode, openBranches } from './claims.queries.ts';
import { redeemClaim } from './claims.service.ts';

type Clock = Deps['clock'];

/** Carries no authority: whoever changes it changes what the menu shows first. */
const BRANCH_COOKIE = '__Host-bulkhead-partner-branch';
const YEAR_MS = 31_536_000_000;

/** Where codes are redeemed, on a phone at the till: type or scan, look at what it is, redeem. */
export function redemptionsPartnerRoutes({ clock }: Pick<Deps, 'clock'>): Router {
  const router = Router();
  router.get('/redemptions', (req, res) => ask(req, res, clock));
  router.post('/redemptions', (req, res) => redeem(req, res, clock));
  router.get('/redemptions/:id', (req, res) => show(req, res, clock));
  return router;
}

async function ask(req: Request, res: Response, clock: Clock): Promise<void> {
  const typed = typeof req.query.code === 'string' ? req.query.code : '';
  if (typed.trim() === '') return sendEmpty(req, res);
  const claim = await lookUp(req, readCode(typed));
  if (!claim) return sendEmpty(req, res, typed);
  if (claimStateOf(claim, clock()) !== 'open') return res.redirect(303, `/redemptions/${claim.id}`);
  await sendConfirmation(req, res, { code: claim.code });
}

/** Sends the page to type or scan a code; `unknown` is one that was not found. */
function sendEmpty(req: Request, res: Response, unknown?: string): void {
  allowCamera(res);
  const wrong =
    unknown === undefined ? {} : { values: { code: unknown }, errors: { code: 'claims:unknown' } };
  res.page(
    'partner/redemptions/index',
    { title: req.t('claims:redeemTitle'), values: {}, errors: {}, ...wrong },
    { status: unknown === undefined ? 200 : 404 },
  );
}

interface Confirmation {
  readonly code: string;
  readonly branchId?: string | null;
  readonly errors?: object;
}

async function sendConfirmation(
  req: Request,
  res: Response,
  { code, branchId, errors = {} }: Confirmation,
): Promise<void> {
  const [claim, branches] = await Promise.all([findClaimByCode(req.db, code), openBranches(req.db)]);
  const named = new Set(claim.offer.branches.map((each) => each.branchId));
  const shown = branches.map((branch) => ({ ...branch, isNamed: named.has(branch.id) }));
  const known = [branchId, req.cookies[BRANCH_COOKIE], branches.length === 1 ? branches[0]!.id : null];
  const chosen = known.find((id) => branches.some((branch) => branch.id === id)) ?? '';
  res.page(
    'partner/redemptions/confirm',
    {
      ...{ title: req.t('claims:confirmTitle'), claim, spelled: spelled(claim.code) },
      branches: shown.sort((one, other) => Number(other.isNamed) - Number(one.isNamed)),
      ...{ values: { branchId: chosen }, errors },
    },
    { status: Object.keys(errors).length > 0 ? 422 : 200 },
  );
}

async function redeem(req: Request, res: Response, clock: Clock): Promise<void> {
  const form = parseForm(redemptionForm, req.body);
  const redemption = form.ok ? form.data : { code: '', branchId: null };
  try {
    const id = await redeemClaim(req.db, redemption);
    if (redemption.branchId) res.cookie(BRANCH_COOKIE, redemption.branchId, { ...COOKIE, maxAge: YEAR_MS });
    res.redirect(303, `/redemptions/${id}`);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.status === 404) return sendEmpty(req, res, redemption.code);
    if (error.status === 422) return sendConfirmation(req, res, { ...redemption, errors: error.fields });
    if (error.status !== 409) throw error;
    const { id } = await findClaimByCode(req.db, redemption.code);
    await sendClaim(req, res, clock(), { id, status: 409 });
  }
}

async function show(req: Request, res: Response, clock: Clock): Promise<void> {
  await sendClaim(req, res, clock(), { id: idParam(req), status: 200 });
}

/** What has become of a claim, large enough to be read across a counter. */
async function sendClaim(
  req: Request,
  res: Response,
  now: Date,
  { id, status }: { readonly id: string; readonly status: number },
): Promise<void> {
  const claim = await findClaim(req.db, id);
  const state = claimStateOf(claim, now);
  // Only the one who has just done it is told "done"; whoever comes later is told that it was done before.
  const isMine = claim.redeemedBy === req.scope.actor.id;
  const isFresh = isMine && claim.redeemedAt !== null && now.getTime() - claim.redeemedAt.getTime() < 60_000;
  const title = req.t(state === 'redeemed' && status === 200 && isFresh ? 'claims:done' : 'claims:title');
  res.page(
    'partner/redemptions/show',
    { title, claim, state, isDone: status === 200 && isFresh, spelled: spelled(claim.code) },
    { status },
  );
}

async function lookUp(req: Request, code: string) {
  if (!isCode(code)) return null;
  return findClaimByCode(req.db, code).catch((error: unknown) => {
    if (error instanceof AppError && error.status === 404) return null;
    throw error;
  });
}
