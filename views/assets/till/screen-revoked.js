import { button, h, icon } from './dom.js';
import { keepMeta } from './store.js';

/** This till is none any more. What it never sent is sealed; the owner pairs it again to get it, or gives it up. */
export function revokedScreen(till, { isSure = false } = {}) {
  const { text, status, db } = till;
  const { sealed } = status;
  const discard = async () => {
    await keepMeta(db, { sealed: undefined });
    await till.refresh();
    till.home();
  };
  const where = sealed.market
    ? [sealed.market, sealed.branch].map((each) => text.name(each)).join(' · ')
    : '';
  return h(
    'section',
    { class: 'till-screen till-result', 'data-state': 'error', role: 'alert' },
    h('div', { class: 'till-shape till-square' }, icon('lock', 'till-big')),
    h('h1', { tabindex: '-1' }, text.t('revoked.title')),
    h('p', { class: 'till-what' }, h('bdi', null, where)),
    h('p', null, text.t('revoked.text')),
    sealed.count > 0 && h('p', { id: 'sealed' }, text.t('revoked.sealed', { count: sealed.count })),
    isSure && h('p', { class: 'till-sure' }, text.t('revoked.sure', { count: sealed.count })),
    h(
      'div',
      { class: 'till-actions' },
      button(text.t('revoked.pair'), 'link', () => till.show('pair'), { class: 'till-button till-primary' }),
      sealed.count > 0 &&
        !isSure &&
        button(text.t('revoked.discard'), 'trash-2', () => till.show('revoked', { isSure: true })),
      isSure && button(text.t('revoked.discardNow'), 'trash-2', () => void discard()),
    ),
  );
}
