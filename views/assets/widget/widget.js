import { accountScreen, codeScreen, deletionScreen, signInScreen } from './account.js';
import { claimScreen, claimsScreen } from './claims.js';
import { createClient } from './client.js';
import { bdi, button, h } from './dom.js';
import { offerScreen } from './offer.js';
import { offersScreen } from './offers.js';
import { isFinal, notice, words } from './parts.js';
import { watchViews } from './seen.js';
import { storage } from './storage.js';
import { STYLE } from './style.js';
import { createText } from './text.js';

const SCREENS = {
  offers: offersScreen,
  offer: offerScreen,
  signIn: signInScreen,
  code: codeScreen,
  claims: claimsScreen,
  claim: claimScreen,
  account: accountScreen,
  deletion: deletionScreen,
};
/** Where a screen belongs in the navigation. */
const PLACES = { offer: 'offers', claim: 'claims', deletion: 'account', code: 'signIn' };

const LANGUAGES = ['en', 'ar'];
const languageOf = (tag) => LANGUAGES.find((each) => tag?.toLowerCase().split('-')[0] === each);

/** Puts the widget where the script tag wants it, and begins. */
function embed(script) {
  const { key = '', locale, theme, target, branch } = script.dataset;
  const host = document.createElement('div');
  const shadow = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  shadow.adoptedStyleSheets = [sheet];
  const options = {
    key,
    branch,
    theme,
    locale: languageOf(locale) ?? languageOf(document.documentElement.lang),
  };
  const begin = () => {
    const place = target && document.querySelector(target);
    if (place) place.append(host);
    else if (script.isConnected && !script.closest('head')) script.after(host);
    else document.body.append(host);
    void run(shadow, new URL('public/v1/', script.src).href, options);
  };
  // The page may not have got as far as the place yet.
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin);
  else begin();
}

async function run(shadow, base, options) {
  const kept = storage('localStorage', options.key);
  const api = createClient(base, options.key, kept);
  const root = h('section', { class: 'root', 'data-theme': options.theme, 'aria-busy': 'true' });
  shadow.append(root);
  const begin = async () => {
    try {
      const market = await readMarket(api, kept);
      createApp({ root, api, kept, options, market });
    } catch (failure) {
      const text = createText(options.locale ?? 'en', 'UTC', 'SAR');
      Object.assign(root, { lang: text.locale, dir: text.dir });
      root.replaceChildren(problem(text, failure, begin));
    }
    root.removeAttribute('aria-busy');
  };
  await begin();
}

async function readMarket(api, kept) {
  try {
    const market = await api.get('market');
    kept.set('market', market);
    return market;
  } catch (failure) {
    const last = failure.code === 'offline' && kept.get('market');
    if (last) return last;
    throw failure;
  }
}

const problem = (text, failure, again) =>
  h(
    'div',
    { role: 'alert' },
    notice('error', h('p', null, words(text, failure)), !isFinal(failure) && button(text.t('retry'), again)),
  );

/** The frame that stays, and the screens inside of it. `app` is all that a screen knows of the rest. */
function createApp({ root, api, kept, options, market }) {
  const text = createText(
    options.locale ?? languageOf(market.locale) ?? 'en',
    market.timeZone,
    market.currency,
  );
  const nav = h('ul', { role: 'list' });
  const told = h('p', { class: 'told', role: 'status' });
  const main = h('div', { class: 'main', tabindex: '-1', role: 'group', 'aria-label': text.t('offers') });
  let [turn, timer, current, isBusy] = [0, 0, null, false];

  const app = {
    ...{ api, kept, options, market, text },
    /** What the list shows; kept while other screens do. */
    list: { category: '', sort: 'newest', near: '', items: null, next: null, shownFrom: null },
    watch: watchViews(api, storage('sessionStorage', options.key), options.branch),
    say(message, isError) {
      told.textContent = message;
      told.classList.toggle('bad', Boolean(isError));
    },
    go: (name, props = {}) => show(name, props, true),
    replace: (name, props = {}) => show(name, props, root.getRootNode().activeElement !== null),
    again: () => show(current.name, current.props, true),
    /** Once `work` is due, unless another screen shows by then. */
    later(work, pause) {
      const asked = turn;
      timer = setTimeout(() => asked === turn && work(), pause);
    },
    /** One thing at a time; what fails is told where it was asked for. */
    async busy(work) {
      if (isBusy) return;
      isBusy = true;
      main.setAttribute('aria-busy', 'true');
      try {
        await work();
      } catch (failure) {
        app.signedInChanged();
        app.say(words(text, failure), true);
      }
      isBusy = false;
      main.removeAttribute('aria-busy');
    },
    signedInChanged: () => showNav(),
  };

  async function show(name, props, focus) {
    const mine = ++turn;
    clearTimeout(timer);
    current = { name, props };
    app.say('');
    main.setAttribute('aria-busy', 'true');
    const content = await SCREENS[name](app, props).catch((failure) => failed(failure));
    if (mine !== turn || !content) return;
    main.replaceChildren(...content.flat().filter(Boolean));
    main.removeAttribute('aria-busy');
    showNav();
    if (focus) (main.querySelector(props.focus ?? '.title') ?? main).focus();
  }

  function failed(failure) {
    if (failure.code === 'token-refused') {
      showNav();
      return show('signIn', { next: PLACES[current.name] ?? current.name }, true).then(() =>
        app.say(words(text, failure), true),
      );
    }
    const isGone = failure.code === 'not-found';
    if (isGone) app.list.items = null;
    return [problem(text, failure, isGone ? () => app.go('offers') : app.again)];
  }

  function showNav() {
    const names = ['offers', 'claims', api.isSignedIn() ? 'account' : 'signIn'];
    const place = PLACES[current?.name] ?? current?.name;
    const items = names.map((name) => [name, text.t(name)]);
    // The same buttons stay while they may have the focus.
    if (nav.childElementCount !== items.length || nav.dataset.last !== names[2]) {
      nav.dataset.last = names[2];
      nav.replaceChildren(
        ...items.map(([name, label]) =>
          h(
            'li',
            null,
            button(label, () => app.go(name), { class: 'tab', 'data-name': name }),
          ),
        ),
      );
    }
    for (const tab of nav.querySelectorAll('.tab')) {
      if (tab.dataset.name === place) tab.setAttribute('aria-current', 'page');
      else tab.removeAttribute('aria-current');
    }
  }

  const name = text.name(market.name);
  Object.assign(root, { lang: text.locale, dir: text.dir });
  root.setAttribute('aria-label', text.t('widget', { market: name }));
  root.replaceChildren(
    h('header', { class: 'head' }, h('h2', null, bdi(name)), h('nav', { 'aria-label': name }, nav)),
    told,
    main,
  );
  for (const event of ['online', 'offline']) {
    addEventListener(event, () => {
      if (event === 'offline') app.list.shownFrom ??= Date.now();
      if (current.name === 'offers') void show('offers', {}, false);
    });
  }
  void show('offers', {}, false);
}

if (document.currentScript?.src) embed(document.currentScript);
