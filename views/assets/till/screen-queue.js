import { spelled } from './code.js';
import { button, h, icon } from './dom.js';
import { lookOf } from './screen-result.js';

const SHOWN = 200;
const GLYPHS = {
  applied: 'circle-check',
  pending: 'clock',
  unconfirmed: 'clock',
  limit: 'gauge',
  conflict: 'octagon-x',
  refused: 'ban',
};

/** Everything that was redeemed here, newest first, and what became of it. */
export function queueScreen(till) {
  const { text } = till;
  const list = h('div', null, rowsOf(till));
  const screen = h(
    'section',
    { class: 'till-screen till-wide' },
    h('h1', { tabindex: '-1' }, text.t('queue.title')),
    h(
      'div',
      { class: 'till-actions' },
      button(text.t('queue.sync'), 'refresh-cw', () => void till.sync()),
      button(text.t('back'), 'corner-up-left', () => till.show('ready'), {
        class: 'till-button till-primary',
      }),
    ),
    list,
  );
  screen.renew = () => list.replaceChildren(rowsOf(till));
  return screen;
}

function rowsOf(till) {
  const rows = till.status.queue.slice(0, SHOWN).map((operation) => row(till, operation));
  return rows.length > 0 ? h('ul', { class: 'till-queue' }, rows) : h('p', null, till.text.t('queue.none'));
}

function row({ text }, operation) {
  const { code, redeemedAt, shown, status, result } = operation;
  const [state, looks] = lookOf(operation);
  const name = status === 'conflict' ? 'conflict' : looks;
  const kind = status === 'conflict' && result?.kind;
  return h(
    'li',
    { 'data-status': status },
    h('span', { class: 'till-code', dir: 'ltr' }, spelled(code)),
    h(
      'span',
      { class: 'till-what' },
      shown ? h('bdi', null, text.name(shown, 'title')) : text.t('queue.notHere'),
    ),
    h('span', { class: 'till-when' }, text.dateTime(redeemedAt)),
    h(
      'span',
      { class: `till-mark till-mark-${name === 'pending' ? 'plain' : state}` },
      icon(GLYPHS[name]),
      h('span', null, kind ? text.t(`queue.kinds.${kind}`) : text.t(`queue.${name}`)),
    ),
  );
}
