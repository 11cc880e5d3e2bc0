import { h } from './dom.js';

const KEY_CODES = ['key-missing', 'key-malformed', 'key-unknown', 'key-revoked', 'secret-key'];
const BY_CODE = {
  offline: 'errOffline',
  'origin-refused': 'errOrigin',
  'market-not-active': 'errMarket',
  'sold-out': 'errSoldOut',
  'claimed-already': 'errClaimed',
  'not-found': 'errGone',
  'token-refused': 'errSession',
};

/** Nothing the shopper does can change these. */
export const isFinal = ({ code }) =>
  KEY_CODES.includes(code) || code === 'origin-refused' || code === 'market-not-active';

/** What to tell a shopper about a failure. */
export function words(text, { code, status, minutes }) {
  if (status === 429) return text.t('errLimited', { count: minutes });
  if (KEY_CODES.includes(code)) return text.t('errKey');
  return text.t(BY_CODE[code] ?? 'errServer');
}

export const heading = (label) => h('h3', { class: 'title', tabindex: '-1' }, label);

export const notice = (kind, ...children) => h('div', { class: `notice ${kind}` }, ...children);

/** A field with its label, and room for what is wrong with it. */
export function field(label, name, attributes) {
  const error = h('p', { class: 'wrong', id: `${name}-wrong` });
  const input = h('input', { class: 'input', id: name, name, required: true, ...attributes });
  const refuse = (message) => {
    error.textContent = message;
    input.setAttribute('aria-invalid', 'true');
    input.setAttribute('aria-describedby', error.id);
    input.focus();
  };
  return {
    input,
    refuse,
    node: h('div', { class: 'field' }, h('label', { for: name }, label), input, error),
  };
}

/** A form that does one thing at a time; `work` may throw what `fail` then shows. */
export function form(label, children, work, fail) {
  const submit = h('button', { class: 'button primary' }, label);
  return h(
    'form',
    {
      class: 'form',
      novalidate: true,
      async submit(event) {
        event.preventDefault();
        if (submit.getAttribute('aria-disabled')) return;
        submit.setAttribute('aria-disabled', 'true');
        try {
          await work();
        } catch (failure) {
          fail(failure);
        } finally {
          submit.removeAttribute('aria-disabled');
        }
      },
    },
    children,
    submit,
  );
}
