import { leaseLeft } from './decide.js';
import { button, h } from './dom.js';
import { LANGUAGES } from './text.js';

/** How this device shows the till, and what it is. */
export function settingsScreen(till) {
  const { text, preferences } = till;
  const choice = (name, values) =>
    h(
      'fieldset',
      { class: 'till-choice' },
      h('legend', null, text.t(`settings.${name}`)),
      h(
        'div',
        { class: 'till-actions' },
        values.map((value) =>
          button(
            LANGUAGES[value] ?? text.t(`settings.${name}s.${value}`),
            null,
            () => till.setPreference(name, value),
            {
              'aria-pressed': String(preferences[name] === value),
            },
          ),
        ),
      ),
    );
  return h(
    'section',
    { class: 'till-screen till-wide' },
    h('h1', { tabindex: '-1' }, text.t('settings.title')),
    choice('locale', ['en', 'ar']),
    choice('theme', ['auto', 'light', 'dark']),
    choice('sound', ['on', 'off']),
    facts(till),
    h(
      'div',
      { class: 'till-actions' },
      button(text.t('settings.lock'), 'lock', () => till.lock()),
      button(text.t('back'), 'corner-up-left', () => till.show('ready'), {
        class: 'till-button till-primary',
      }),
    ),
  );
}

function facts({ text, status, clock, build }) {
  const { device, contact, lease, quota } = status;
  const left = leaseLeft(lease, clock.now());
  const rows = [
    ['settings.device', h('bdi', null, device.name ?? '')],
    ['settings.market', h('bdi', null, text.name(device.market))],
    ['settings.branch', h('bdi', null, text.name(device.branch))],
    ['settings.contact', contact ? text.dateTime(contact.at) : text.t('settings.never')],
    [
      'settings.lease',
      left > 0
        ? text.t('settings.leaseLeft', { count: left, time: text.dateTime(lease.expiresAt) })
        : text.t('settings.noLease'),
    ],
    quota?.cap != null && [
      'settings.quota',
      text.t('settings.quotaOf', { use: text.number(quota.use), cap: text.number(quota.cap) }),
    ],
    ['settings.version', h('span', { dir: 'ltr' }, build)],
  ];
  return h(
    'dl',
    { class: 'till-facts' },
    rows
      .filter(Boolean)
      .map(([name, value]) => h('div', null, h('dt', null, text.t(name)), h('dd', null, value))),
  );
}
