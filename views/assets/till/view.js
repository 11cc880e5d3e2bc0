import { isNearlyFull, leaseLeft } from './decide.js';
import { bdi, button, h, icon } from './dom.js';
import { LANGUAGES } from './text.js';

/** Puts screens into the page and keeps what is around them up to date. */
export function createView(till) {
  const [bar, main, told, manifest] = ['#bar', '#main', '#told', 'link[rel=manifest]'].map((each) =>
    document.querySelector(each),
  );
  let shown = null;
  return {
    /** Language, colours, the line at the top and the banners. */
    frame() {
      const { text, preferences, status } = till;
      const root = document.documentElement;
      Object.assign(root, { lang: text.locale, dir: text.dir });
      root.dataset.theme = preferences.theme;
      manifest.href = `/till/manifest.${text.locale}.webmanifest`;
      document.title = [text.t('title'), status.device && text.name(status.device.branch)]
        .filter(Boolean)
        .join(' · ');
      bar.replaceChildren(...barOf(till));
      told.replaceChildren(...bannersOf(till));
      shown?.renew?.();
    },
    show(screen, content) {
      shown = content;
      this.frame();
      document.body.dataset.state = content.dataset.state ?? 'plain';
      document.body.dataset.screen = screen;
      main.replaceChildren(content);
      const target = content.querySelector('[data-focus]') ?? content.querySelector('h1');
      target?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    },
  };
}

function barOf(till) {
  const { status, text, isUnlocked, screen } = till;
  const { device, counts } = status;
  const name = h(
    'p',
    { class: 'till-name' },
    device
      ? [h('strong', null, bdi(text.name(device.market))), h('span', null, bdi(text.name(device.branch)))]
      : h('strong', null, text.t('title')),
  );
  if (!device || !isUnlocked) return [name, languageButton(till)];
  const waiting = counts.pending + counts.limit;
  const label = waiting > 0 ? text.t('bar.queueOf', { waiting: text.number(waiting) }) : text.t('bar.queue');
  const to = (target) => () => till.show(screen === target ? 'ready' : target);
  return [
    name,
    h('div', { class: 'till-tools' }, [
      till.hasUpdate &&
        button(text.t('bar.update'), 'refresh-cw', () => till.shell.apply(), { class: 'till-tool' }),
      button(label, 'list', to('queue'), { class: 'till-tool', 'data-tool': 'queue' }),
      button(text.t('bar.settings'), 'settings', to('settings'), {
        class: 'till-tool',
        'data-tool': 'settings',
      }),
    ]),
  ];
}

function languageButton({ text, setPreference }) {
  const other = text.locale === 'ar' ? 'en' : 'ar';
  return button(LANGUAGES[other], 'languages', () => setPreference('locale', other), {
    class: 'till-tool',
    lang: other,
  });
}

function bannersOf(till) {
  const { status, text, reach, isUnlocked, clock } = till;
  const { device, contact, quota, counts } = status;
  if (!device || !isUnlocked) return [];
  const now = clock.now();
  const banner = (kind, glyph, words) =>
    h('p', { class: `till-banner till-banner-${kind}` }, icon(glyph), h('span', null, words));
  return [
    reach === 'offline' && banner('warn', 'wifi-off', offlineWords(till, now)),
    reach === 'refused' &&
      banner(
        'warn',
        'triangle-alert',
        text.t(till.problem === 'market-suspended' ? 'banner.suspended' : 'banner.refused'),
      ),
    reach === 'online' &&
      isNearlyFull(quota) &&
      banner(
        'warn',
        'gauge',
        text.t('banner.quota', { use: text.number(quota.use), cap: text.number(quota.cap) }),
      ),
    counts.conflict > 0 &&
      banner('error', 'octagon-x', text.t('banner.conflicts', { count: counts.conflict })),
    !contact && reach !== 'offline' && banner('plain', 'refresh-cw', text.t('banner.first')),
  ].filter(Boolean);
}

/** How old the data is, and what may still be accepted without asking. */
function offlineWords({ text, status: { contact, lease } }, now) {
  const age = contact
    ? text.t('banner.offline', { ago: text.ago(now - contact.at), time: text.dateTime(contact.at) })
    : text.t('banner.never');
  const left = leaseLeft(lease, now);
  const more =
    left > 0
      ? text.t('banner.lease', { count: left, time: text.dateTime(lease.expiresAt) })
      : text.t('banner.noLease');
  return `${age} ${more}`;
}
