import { Router } from 'express';
import type { Deps } from '../deps.ts';
import { orNotFound } from '../http/ids.ts';
import { escapeHtml, Markup } from '../http/markup.ts';

/** `/dev/mailbox`: what the dev mailbox holds, for staff. There is no such page once mail really leaves. */
export function mailboxAdminRoutes({ mailer }: Deps): Router {
  const router = Router();
  const { mailbox } = mailer;
  if (!mailbox) return router;

  router.get('/dev/mailbox', async (req, res) => {
    res.page('dev/mailbox/index', { title: req.t('mail:mailbox.title'), mails: await mailbox.list() });
  });

  router.get('/dev/mailbox/:id', async (req, res) => {
    const mail = orNotFound(await mailbox.read(String(req.params.id)));
    res.page('dev/mailbox/show', { title: mail.subject, mail: { ...mail, text: withLinks(mail.text) } });
  });
  return router;
}

/** Plain text with its web addresses as links. */
function withLinks(text: string): Markup {
  const parts = text.split(/(https?:\/\/[^\s<>"]+)/);
  const html = parts.map((part, i) =>
    i % 2 ? `<a href="${escapeHtml(part)}">${escapeHtml(part)}</a>` : escapeHtml(part),
  );
  return new Markup(html.join(''), text);
}
