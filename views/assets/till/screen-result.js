import { spelled } from './code.js';
import { button, h, icon } from './dom.js';
import { play } from './sound.js';

const LOOKS = {
  ok: { glyph: 'circle-check', shape: 'till-circle' },
  warn: { glyph: 'triangle-alert', shape: 'till-triangle' },
  error: { glyph: 'octagon-x', shape: 'till-square' },
};

/** What an operation came to: word and colour by the server's answer, or by what this till knows alone. */
export function lookOf({ status, isKnown, result }) {
  if (status === 'applied') return ['ok', 'applied'];
  if (status === 'pending') return isKnown ? ['ok', 'pending'] : ['warn', 'unconfirmed'];
  if (status === 'limit') return ['warn', 'limit'];
  if (status !== 'conflict') return ['error', 'refused'];
  return ['error', result?.kind && result.kind !== 'redeemed' ? result.kind : 'conflict'];
}

const VERDICTS = {
  redeemed: 'error',
  cancelled: 'error',
  expired: 'error',
  unknown: 'error',
  'unknown-offline': 'warn',
  full: 'warn',
};

/** Readable and audible across a counter: a colour, a shape, a word and a sound, and the way to the next customer. */
export function resultScreen(till, { operation, verdict, claim, code, at, isOwn, isLate, isChanged }) {
  const { text } = till;
  const [state, name] = operation ? lookOf(operation) : [VERDICTS[verdict], verdict];
  const { glyph, shape } = LOOKS[state];
  const shown = operation?.shown ?? claim;
  till.shownOperation = operation ?? null;
  if (!isChanged && till.preferences.sound === 'on') play(state);
  till.again = { operation, verdict, claim, code, at, isOwn, isLate };
  const words = text.t(`result.${name}Text`, { time: at ? text.dateTime(at) : '' });
  return h(
    'section',
    { class: 'till-screen till-result', 'data-state': state, role: 'alert' },
    h('div', { class: `till-shape ${shape}` }, icon(glyph, 'till-big')),
    h('h1', { tabindex: '-1' }, text.t(`result.${name}`)),
    shown && h('p', { class: 'till-what' }, h('bdi', null, text.name(shown, 'title'))),
    shown &&
      state !== 'error' &&
      h('p', { class: 'till-price' }, h('bdi', null, text.money(shown.price, shown.currency))),
    h('p', { class: 'till-code', dir: 'ltr' }, spelled(operation?.code ?? code)),
    h('p', null, isOwn ? text.t('result.ownText', { time: text.dateTime(at) }) : words),
    isLate && h('p', null, text.t('result.late', { time: text.dateTime(operation.redeemedAt) })),
    h(
      'div',
      { class: 'till-actions' },
      button(text.t('result.next'), 'scan-line', () => void next(till), {
        class: 'till-button till-primary',
        'data-focus': true,
      }),
    ),
  );
}

async function next(till) {
  await till.seen(till.shownOperation);
  till.home();
}
