import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import type { FieldErrors } from '../errors.ts';
import { givenPassword, newPassword } from '../http/fields.ts';
import { parseForm } from '../http/form.ts';
import { createPartnerDirectory, type Invitation, type PartnerDirectory } from './partner-directory.ts';
import { hashPassword } from './passwords.ts';
import { enter, refusalOf } from './sign-in.routes.ts';
import { checkPassword, type From, fromOf } from './sign-in.service.ts';

const knownInput = z.object({ password: givenPassword });
const newInput = z.object({ password: newPassword });

/**
 * `/invitations/:secret`. Who holds the link owns the mailbox it went to. Somebody new sets a password; a person
 * who has an account confirms its password, so that a link alone never opens an existing account.
 */
export function invitationPartnerRoutes(deps: Deps): Router {
  const router = Router();
  const directory = createPartnerDirectory(deps.gate);

  router.get('/invitations/:secret', async (req, res) => {
    const invitation = await directory.openInvitation(req.params.secret);
    const known = invitation && (await directory.findByEmail(invitation.email));
    show(req, res, invitation, Boolean(known));
  });

  router.post('/invitations/:secret', async (req, res) => {
    const { secret } = req.params;
    const invitation = await directory.openInvitation(secret);
    if (!invitation) return show(req, res, null, false);
    const known = await directory.findByEmail(invitation.email);
    const form = parseForm(known ? knownInput : newInput, req.body);
    if (!form.ok) return show(req, res, invitation, Boolean(known), form.errors, 422);
    try {
      const accepted = await accept(
        deps,
        directory,
        { secret, invitation, isKnown: Boolean(known), password: form.data.password },
        { from: fromOf(req), receipt: req.receipt },
      );
      if (!accepted) return show(req, res, null, false);
      res.flash('ok', 'auth:invitation.done');
      await enter(deps, req, res, { actorId: accepted.memberId, marketId: accepted.marketId }, '/');
    } catch (error) {
      const { status, errors } = refusalOf(error);
      show(req, res, invitation, Boolean(known), errors, status);
    }
  });
  return router;
}

interface Acceptance {
  readonly secret: string;
  readonly invitation: Invitation;
  readonly isKnown: boolean;
  readonly password: string;
}

async function accept(
  deps: Deps,
  directory: PartnerDirectory,
  given: Acceptance,
  { from, receipt }: { readonly from: From; readonly receipt: string },
): Promise<Invitation | null> {
  const { secret, invitation, isKnown, password } = given;
  if (isKnown) {
    const person = await checkPassword(deps, invitation.email, password, from);
    return directory.acceptInvitation(secret, { personId: person.id }, receipt);
  }
  const passwordHash = await hashPassword(password);
  return directory.acceptInvitation(secret, { email: invitation.email, passwordHash }, receipt);
}

function show(
  req: Request,
  res: Response,
  found: Invitation | null,
  isKnown: boolean,
  errors: FieldErrors = {},
  status = found ? 200 : 410,
) {
  const place = found && (req.locale === 'ar' ? found.marketNameAr : found.marketNameEn);
  const invitation = found && { ...found, place, isKnown };
  const locals = { title: req.t('auth:invitation.title'), invitation, secret: req.params.secret, errors };
  res.page('invitations/show', locals, { status, layout: 'plain' });
}
