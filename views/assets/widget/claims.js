import { bdi, button, drawing, h } from './dom.js';
import { heading } from './parts.js';

const stateOf = ({ state, expiresAt }) =>
  state === 'open' && expiresAt && new Date(expiresAt) <= new Date() ? 'expired' : state;
const STATE_WORDS = {
  open: 'stateOpen',
  redeemed: 'stateRedeemed',
  cancelled: 'stateCancelled',
  expired: 'stateExpired',
};

const status = (text, claim) =>
  h('span', { class: `status is-${stateOf(claim)}` }, text.t(STATE_WORDS[stateOf(claim)]));

/** Everything this shopper has claimed here, newest first. */
export async function claimsScreen(app) {
  const { text } = app;
  if (!app.api.isSignedIn()) return app.replace('signIn', { next: 'claims' });
  const list = h('ul', { class: 'rows', role: 'list' });
  const more = button(text.t('more'), () => app.busy(add), { class: 'button more' });
  let next = '';
  async function add() {
    const page = await app.api.get(`claims${next && `?cursor=${encodeURIComponent(next)}`}`);
    next = page.next ?? '';
    list.append(...page.items.map((claim) => row(app, claim)));
    more.hidden = !next;
  }
  await add();
  return [
    heading(text.t('claims')),
    list.childElementCount > 0 ? list : h('p', { class: 'empty' }, text.t('noClaims')),
    more,
  ];
}

function row(app, claim) {
  const { text } = app;
  return h(
    'li',
    { class: 'row' },
    h(
      'button',
      { type: 'button', class: 'open', click: () => app.go('claim', { claim }) },
      bdi(text.name(claim.title)),
    ),
    h('span', { class: 'hint' }, text.t('claimedAt', { date: text.date(claim.claimedAt) })),
    status(text, claim),
  );
}

/** The code and its QR. While it is open the screen asks now and then whether the till has taken it. */
export async function claimScreen(app, { claim, isNew }) {
  const { text } = app;
  const { qr, code } = claim;
  const isOpen = stateOf(claim) === 'open';
  const back = button(text.t('claims'), () => app.go('claims'), { class: 'button quiet' });
  const dates = [
    isOpen && claim.expiresAt && text.t('expires', { date: text.date(claim.expiresAt) }),
    claim.redeemedAt && text.t('redeemedAt', { date: text.date(claim.redeemedAt) }),
  ];
  if (isOpen) app.later(() => refresh(app, claim), 5_000);
  return [
    back,
    h(
      'article',
      { class: 'ticket' },
      heading(bdi(text.name(claim.title))),
      h('p', { class: 'price' }, h('strong', null, bdi(text.money(claim.price)))),
      isNew && h('p', null, text.t('claimed')),
      isOpen && drawing(`0 0 ${qr.size} ${qr.size}`, qr.path, { class: 'qr' }, text.t('qr', { code })),
      h(
        'p',
        { class: 'code' },
        h('span', { class: 'unseen' }, text.t('code')),
        h('bdi', { dir: 'ltr' }, code.replace(/^(.{4})/, '$1-')),
      ),
      h('p', null, status(text, claim)),
      dates.filter(Boolean).map((line) => h('p', { class: 'hint' }, line)),
    ),
  ];
}

async function refresh(app, claim) {
  const now = await app.api.get(`claims/${claim.id}`).catch(() => claim);
  if (stateOf(now) === 'open') return app.later(() => refresh(app, now), 5_000);
  await app.replace('claim', { claim: now });
  app.say(app.text.t(STATE_WORDS[stateOf(now)]));
}
