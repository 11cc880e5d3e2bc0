import { join } from 'node:path';
import ejs from 'ejs';
import type { Locale } from '../http/format.ts';
import { escapeHtml } from '../http/markup.ts';
import type { Messages } from '../i18n/i18n.ts';
import type { Letter } from './mailer.ts';

/** A letter's words in its reader's language, as text and as HTML. */
export function letters(
  views: string,
  messages: Messages,
): (letter: Letter) => { subject: string; text: string; html: string } {
  const template = (name: string) => {
    const filename = join(views, `mail/${name}.ejs`);
    return ejs.compile(ejs.fileLoader(filename).toString(), {
      filename,
      escape: name === 'letter' ? escapeHtml : String,
    });
  };
  const html = template('letter');
  const text = template('letter-text');
  return ({ letter, locale: asked, values = {}, link, details = [], optOut, sender }) => {
    const locale: Locale = asked === 'ar' ? 'ar' : 'en';
    const t = messages.translator(locale);
    const say = (part: string) => t(`mail:${letter}.${part}`, values);
    const locals = {
      ...{ locale, dir: locale === 'ar' ? 'rtl' : 'ltr', link: link ?? '', details },
      ...{ optOut: optOut ?? '', optOutLabel: t('mail:optOut') },
      ...{
        subject: oneLine(say('subject')),
        body: say('body'),
        action: link ? say('action') : '',
        note: say('note'),
      },
      sender: sender ?? t('mail:sender'),
    };
    return { subject: locals.subject, text: text(locals), html: html(locals) };
  };
}

/** A line break in a name must not become a header. */
const oneLine = (value: string) => value.replace(/[\r\n\u2028\u2029]+/g, ' ');
