import { field, h } from './dom.js';
import { isPin, keepPin, matchesPin, pinWait } from './pin.js';
import { keepMeta, readMeta } from './store.js';

const pinField = (name, label, more) =>
  field({ name, label, type: 'password', inputmode: 'numeric', dir: 'ltr', maxlength: '8', ...more });

/** Right after pairing: what keeps others off the till while nobody stands at it. */
export function choosePinScreen(till, { error } = {}) {
  const { text, db } = till;
  const submit = async (event) => {
    event.preventDefault();
    const given = new FormData(event.target);
    const pin = given.get('pin');
    if (!isPin(pin)) return till.show('choosePin', { error: { pin: text.t('pin.shape') } });
    if (pin !== given.get('again')) return till.show('choosePin', { error: { again: text.t('pin.differ') } });
    till.show('busy');
    await keepMeta(db, { pin: await keepPin(pin) });
    await till.refresh();
    till.unlock();
  };
  return form(till, 'pin.choose', 'pin.chooseText', submit, 'pin.keep', [
    pinField('pin', text.t('pin.new'), {
      hint: text.t('pin.hint'),
      error: error?.pin,
      'data-focus': !error?.again,
    }),
    pinField('again', text.t('pin.again'), { error: error?.again, 'data-focus': Boolean(error?.again) }),
  ]);
}

export function lockScreen(till, { error } = {}) {
  const { text, db, clock } = till;
  const submit = async (event) => {
    event.preventDefault();
    const typed = new FormData(event.target).get('pin');
    const { pin } = await readMeta(db, 'pin');
    const wait = pinWait(pin, clock.now());
    if (wait > 0)
      return till.show('lock', { error: text.t('pin.wait', { count: Math.ceil(wait / 60_000) }) });
    till.show('busy');
    const isRight = await matchesPin(typed, pin);
    const counted = isRight
      ? { failures: 0, failedAt: 0 }
      : { failures: pin.failures + 1, failedAt: clock.now() };
    await keepMeta(db, { pin: { ...pin, ...counted } });
    if (isRight) till.unlock();
    else till.show('lock', { error: text.t('pin.wrong') });
  };
  const forgotten = h(
    'details',
    { class: 'till-more' },
    h('summary', null, text.t('pin.forgotten')),
    h('p', null, text.t('pin.forgottenText')),
  );
  return form(
    till,
    'pin.locked',
    null,
    submit,
    'pin.unlock',
    [pinField('pin', text.t('pin.pin'), { error, 'data-focus': true })],
    forgotten,
  );
}

const form = ({ text }, title, words, submit, action, fields, more = null) =>
  h(
    'section',
    { class: 'till-screen till-narrow' },
    h('h1', { tabindex: '-1' }, text.t(title)),
    words && h('p', null, text.t(words)),
    h(
      'form',
      { class: 'till-form', novalidate: true, submit },
      fields,
      h('button', { class: 'till-button till-primary', type: 'submit' }, h('span', null, text.t(action))),
    ),
    more,
  );
