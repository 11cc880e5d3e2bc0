import { bdi, button, drawing, h } from './dom.js';
import { notice } from './parts.js';

const PAGE = 12;
const PIN =
  'M12 22s7-7.6 7-12.5A7 7 0 0 0 5 9.5C5 14.4 12 22 12 22Zm0-10a2.5 2.5 0 1 1 0-5 2.5 2.5 0 0 1 0 5Z';
const SORTS = {
  newest: 'sortNewest',
  ending: 'sortEnding',
  price: 'sortPrice',
  '-price': 'sortPriceDown',
  discount: 'sortDiscount',
};

/** The list with its filters. What was chosen and loaded stays in `app.list` while other screens show. */
export async function offersScreen(app) {
  const { list } = app;
  const categories = async () => (await app.api.get('categories').catch(() => null))?.items;
  const [found] = await Promise.all([
    app.categories ?? categories(),
    list.items && !list.shownFrom ? null : load(app),
  ]);
  app.categories = found;
  const results = h('div', { class: 'results' });
  fill(app, results);
  return [filters(app), results];
}

/** Reads the first page, or the next one; falls back to what this browser saw last when nothing answers. */
async function load(app, cursor) {
  const { list, options } = app;
  const query = new URLSearchParams({ limit: PAGE, sort: list.near ? 'distance' : list.sort });
  const more = { category: list.category, branch: options.branch, near: list.near, cursor };
  for (const [name, value] of Object.entries(more)) if (value) query.set(name, value);
  try {
    const page = await app.api.get(`offers?${query}`);
    list.items = cursor ? [...list.items, ...page.items] : page.items;
    list.next = page.next;
    list.shownFrom = null;
    if (!cursor) app.kept.set('list', { at: Date.now(), items: page.items });
  } catch (failure) {
    const last = app.kept.get('list');
    if (failure.code !== 'offline' || !(list.items || last)) throw failure;
    list.items ??= last.items;
    list.shownFrom = last?.at ?? Date.now();
  }
}

function filters(app) {
  const { text, list } = app;
  const change = async (values, focus) => {
    Object.assign(list, values, { items: null, next: null });
    await app.go('offers', { focus });
    if (list.items) app.say(text.t('found', { count: list.items.length }));
  };
  const choice = (name, label, options, current, values = {}) => {
    const select = h(
      'select',
      { class: 'input', id: name, change: () => change({ ...values, [name]: select.value }, `#${name}`) },
      options.map(([value, word]) => h('option', { value, selected: value === current }, word)),
    );
    return h('div', { class: 'choice' }, h('label', { for: name }, label), select);
  };
  const categories = (app.categories ?? []).map(({ slug, name }) => [slug, text.name(name)]);
  const sorts = Object.entries(SORTS).map(([value, key]) => [value, text.t(key)]);
  const toggle = async () => {
    const near = list.near ? '' : await position().catch(() => null);
    if (near === null) app.say(text.t('nearRefused'), true);
    else await change({ near }, '#near');
  };
  const pin = drawing('0 0 24 24', PIN, { class: 'icon' });
  return h(
    'div',
    { class: 'filters', role: 'group', 'aria-label': text.t('filters') },
    choice('category', text.t('category'), [['', text.t('allCategories')], ...categories], list.category),
    choice('sort', text.t('sort'), sorts, list.near ? null : list.sort, { near: '' }),
    button([pin, text.t('nearMe')], toggle, { id: 'near', 'aria-pressed': String(Boolean(list.near)) }),
  );
}

// Three decimals are a hundred metres: enough to sort branches, and no more than that leaves the browser.
const position = () =>
  new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve(`${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`),
      reject,
      { timeout: 10_000, maximumAge: 300_000 },
    );
  });

function fill(app, results) {
  const { text, list } = app;
  const retry = button(text.t('retry'), () => app.again());
  const cards = list.items.map((offer) => card(app, offer));
  results.replaceChildren(
    list.shownFrom
      ? notice('warn', h('p', null, text.t('offlineList', { time: text.time(list.shownFrom) })), retry)
      : '',
    cards.length > 0
      ? h('ul', { class: 'cards', role: 'list' }, cards)
      : h('p', { class: 'empty' }, text.t(list.category ? 'none' : 'noneAtAll')),
  );
  for (const each of cards) app.watch(each);
  if (list.next && !list.shownFrom) results.append(more(app, results));
}

function more(app, results) {
  const { text, list } = app;
  return button(
    text.t('more'),
    async () => {
      const before = list.items.length;
      await app.busy(async () => {
        await load(app, list.next);
        fill(app, results);
        results.querySelectorAll('.card .open')[before]?.focus();
        app.say(text.t('found', { count: list.items.length }));
      });
    },
    { class: 'button more' },
  );
}

function card(app, offer) {
  const { text } = app;
  return h(
    'li',
    { class: 'card', 'data-offer': offer.id },
    picture(offer, text),
    h(
      'div',
      { class: 'body' },
      h(
        'h3',
        { class: 'name' },
        h(
          'button',
          { type: 'button', class: 'open', click: () => app.go('offer', { id: offer.id, offer }) },
          bdi(text.name(offer.title)),
        ),
      ),
      price(offer, text),
      h('p', { class: 'facts' }, facts(offer, text)),
    ),
  );
}

export function picture({ image, category }, text) {
  if (!image)
    return h('div', { class: 'picture', 'aria-hidden': 'true' }, category ? text.name(category.name) : '');
  const { url, width, height } = image;
  return h('img', { class: 'picture', src: url, width, height, alt: '', loading: 'lazy', decoding: 'async' });
}

export function price({ price: now, oldPrice }, text) {
  const saving = oldPrice > now && text.t('saving', { percent: text.percent(1 - now / oldPrice) });
  return h(
    'p',
    { class: 'price' },
    h('strong', null, bdi(text.money(now))),
    oldPrice > now &&
      h('s', null, h('span', { class: 'unseen' }, text.t('before')), bdi(text.money(oldPrice))),
    saving && h('span', { class: 'tag' }, saving),
  );
}

export function facts({ endsAt, remaining, distanceKm }, text) {
  return [
    endsAt && text.t('ends', { date: text.date(endsAt) }),
    remaining !== null &&
      remaining !== undefined &&
      (remaining > 0 ? text.t('remaining', { count: remaining }) : text.t('soldOut')),
    distanceKm !== null &&
      distanceKm !== undefined &&
      text.t('away', { distance: text.distance(distanceKm) }),
  ]
    .filter(Boolean)
    .map((fact) => h('span', null, fact));
}
