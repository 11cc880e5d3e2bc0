import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import type { FieldErrors } from '../errors.ts';
import { newPassword } from '../http/fields.ts';
import { parseForm } from '../http/form.ts';
import { hashPassword } from './passwords.ts';
import { enter } from './sign-in.routes.ts';
import { createStaffDirectory, type InvitedStaff, type StaffDirectory } from './staff-directory.ts';
import type { TokenService } from './tokens.ts';

const acceptInput = z.object({ password: newPassword });
const INVITATION_SECONDS = 7 * 86_400;

/** The link of a staff invitation. It works while the row says `invited`, which is what makes it one-time. */
export async function staffInvitationLink(
  { tokens, clock, config }: Pick<Deps, 'tokens' | 'clock'> & { config: Pick<Deps['config'], 'publicUrl'> },
  staffUserId: string,
): Promise<string> {
  const token = await tokens.sign(
    'invitation',
    { sub: staffUserId },
    { issuedAt: clock(), seconds: INVITATION_SECONDS },
  );
  return `${config.publicUrl}/invitations/${token}`;
}

export function invitationStaffRoutes(deps: Deps): Router {
  const router = Router();
  const directory = createStaffDirectory(deps.gate);
  const find = (token: string) => invitedBy(deps.tokens, directory, token, deps.clock());

  router.get('/invitations/:secret', async (req, res) => show(req, res, await find(req.params.secret)));

  router.post('/invitations/:secret', async (req, res) => {
    const invited = await find(req.params.secret);
    if (!invited) return show(req, res, null);
    const form = parseForm(acceptInput, req.body);
    if (!form.ok) return show(req, res, invited, form.errors);
    const hash = await hashPassword(form.data.password);
    const accepted = await directory.acceptInvitation(invited.id, hash, req.receipt);
    if (!accepted) return show(req, res, null);
    res.flash('ok', 'auth:invitation.done');
    await enter(deps, req, res, { actorId: invited.id, marketId: null }, '/');
  });
  return router;
}

async function invitedBy(
  tokens: TokenService,
  directory: StaffDirectory,
  token: string,
  now: Date,
): Promise<InvitedStaff | null> {
  const claims = await tokens.verify('invitation', token, now);
  return typeof claims?.sub === 'string' ? directory.findInvited(claims.sub) : null;
}

function show(req: Request, res: Response, invited: InvitedStaff | null, errors: FieldErrors = {}): void {
  const status = !invited ? 410 : Object.keys(errors).length > 0 ? 422 : 200;
  const invitation = invited && { ...invited, place: '', isKnown: false };
  const locals = { title: req.t('auth:invitation.title'), invitation, secret: req.params.secret, errors };
  res.page('invitations/show', locals, { status, layout: 'plain' });
}
