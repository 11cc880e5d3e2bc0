import { readPairing } from './code.js';
import { button, field, h } from './dom.js';
import { pairTill } from './pairing.js';
import { scanner } from './scanner.js';

/** Where a browser becomes a till. A code from the address waits for a press, so that no link does it alone. */
export function pairScreen(till, { error, typed = till.asked ?? '' } = {}) {
  const { text, status } = till;
  const pair = async (code) => {
    till.asked = null;
    if (readPairing(code) === '') return till.show('pair', { error: text.t('pair.missing') });
    till.show('busy', { words: text.t('pair.busy') });
    try {
      await pairTill(till, readPairing(code));
    } catch (problem) {
      return till.show('pair', { error: sayWhy(text, problem), typed: code });
    }
    await till.refresh();
    void till.sync();
    till.home();
  };
  const submit = (event) => {
    event.preventDefault();
    void pair(new FormData(event.target).get('pairing'));
  };
  return h(
    'section',
    { class: 'till-screen till-narrow' },
    h('h1', { tabindex: '-1' }, text.t('pair.title')),
    h('p', null, text.t('pair.text')),
    h(
      'form',
      { class: 'till-form', novalidate: true, submit },
      field({
        ...{
          name: 'pairing',
          label: text.t('pair.code'),
          hint: text.t('pair.hint'),
          error,
          value: readPairing(typed),
        },
        ...{
          dir: 'ltr',
          autocapitalize: 'characters',
          spellcheck: 'false',
          maxlength: '400',
          'data-focus': Boolean(error),
        },
      }),
      h('button', { class: 'till-button till-primary', type: 'submit' }, h('span', null, text.t('pair.do'))),
    ),
    scanner(till, { label: text.t('pair.scan'), class: 'till-button', onFound: (found) => void pair(found) }),
    status.sealed?.count > 0 && button(text.t('pair.toSealed'), 'lock', () => till.show('revoked')),
  );
}

function sayWhy(text, { code, status }) {
  if (status === 0) return text.t('pair.offline');
  if (code === 'plan-limit') return text.t('pair.limit');
  if (status === 429) return text.t('pair.limited');
  return status >= 500 ? text.t('pair.server') : text.t('pair.refused');
}
