import { isCode, readCode, spelled } from './code.js';
import { isFull, leaseLeft } from './decide.js';
import { button, field, h, icon } from './dom.js';
import { scanner } from './scanner.js';
import { totalOf } from './status.js';

/** Where every customer begins: scan or type. */
export function readyScreen(till, { error, typed = '', scans = till.scansNext } = {}) {
  const { text, status, clock } = till;
  till.scansNext = false;
  const isRefused = isFull(status.quota) && leaseLeft(status.lease, clock.now()) === 0;
  const take = (code, isScanned) => {
    till.scansNext = isScanned;
    if (!isCode(readCode(code)))
      return till.show('ready', { error: text.t('ready.notACode'), typed: code, scans: false });
    void till.take(code);
  };
  const submit = (event) => {
    event.preventDefault();
    take(new FormData(event.target).get('code'), false);
  };
  const types = matchMedia('(pointer: fine)').matches;
  const figures = h('div', null, totals(till));
  const screen = h(
    'section',
    { class: 'till-screen till-ready' },
    h('h1', { tabindex: '-1' }, text.t('ready.title')),
    isRefused &&
      h(
        'p',
        { class: 'till-wrong', id: 'refused' },
        icon('ban'),
        h('span', null, text.t('ready.full', { cap: text.number(status.quota.cap) })),
      ),
    scanner(till, {
      ...{ label: text.t('ready.scan'), isOpen: scans && !isRefused, onFound: (code) => take(code, true) },
      disabled: isRefused,
    }),
    h(
      'form',
      { class: 'till-form till-type', novalidate: true, submit },
      field({
        ...{
          name: 'code',
          label: text.t('ready.code'),
          hint: text.t('ready.hint'),
          error,
          value: typed,
          dir: 'ltr',
        },
        ...{ autocapitalize: 'characters', spellcheck: 'false', maxlength: '400', disabled: isRefused },
        'data-focus': Boolean(error) || types,
      }),
      h(
        'button',
        { class: 'till-button', type: 'submit', disabled: isRefused },
        icon('check'),
        h('span', null, text.t('ready.check')),
      ),
    ),
    figures,
  );
  // What is typed stays while the figures below it move on.
  screen.renew = () => figures.replaceChildren(totals(till));
  return screen;
}

function totals({ text, status, clock }) {
  const { count, sums } = totalOf(status.queue, text.day, text.day(clock.now()));
  const { counts } = status;
  const part = (name, value) => h('div', null, h('dt', null, text.t(name)), h('dd', null, value));
  return h(
    'dl',
    { class: 'till-totals' },
    part('ready.today', text.number(count)),
    part(
      'ready.sum',
      sums.length > 0
        ? sums.map(([currency, sum]) => h('bdi', null, text.money(sum, currency)))
        : text.number(0),
    ),
    part('ready.waiting', text.number(counts.pending + counts.limit)),
  );
}

/** Something is being found out; a moment at most. */
export const busyScreen = ({ text }, { words = text.t('busy') }) =>
  h(
    'section',
    { class: 'till-screen till-busy', role: 'status' },
    icon('refresh-cw', 'till-big'),
    h('h1', { tabindex: '-1' }, words),
  );

/** A code that this till has never heard of, without anybody to ask: a person decides. */
export function askScreen(till, { code }) {
  const { text, status, clock } = till;
  return h(
    'section',
    { class: 'till-screen till-result', 'data-state': 'warn' },
    h('div', { class: 'till-shape till-triangle' }, icon('triangle-alert', 'till-big')),
    h('h1', { tabindex: '-1' }, text.t('ask.title')),
    h('p', { class: 'till-code', dir: 'ltr' }, spelled(readCode(code))),
    h('p', null, text.t('ask.text', { count: leaseLeft(status.lease, clock.now()) })),
    h(
      'div',
      { class: 'till-actions' },
      button(text.t('ask.no'), 'x', () => till.show('ready'), {
        class: 'till-button till-primary',
        'data-focus': true,
      }),
      button(text.t('ask.yes'), 'check', () => void till.take(code, true)),
    ),
  );
}
