import { bdi, button, h } from './dom.js';
import { claimOffer } from './offer.js';
import { field, form, heading, notice, words } from './parts.js';

/** The e-mail first; the code follows on the next screen. `offer` is what made the shopper sign in. */
export async function signInScreen(app, { offer, next }) {
  const { text } = app;
  const email = field(text.t('email'), 'email', {
    type: 'email',
    autocomplete: 'email',
    dir: 'ltr',
    maxlength: 254,
  });
  const told = h('div', { role: 'alert' });
  const send = async () => {
    if (!email.input.checkValidity()) return email.refuse(text.t('emailWrong'));
    await app.api.post('sign-in-codes', { email: email.input.value, locale: text.locale });
    await app.go('code', { email: email.input.value, offer, next });
  };
  const fail = (failure) =>
    failure.status === 422
      ? email.refuse(text.t('emailWrong'))
      : told.replaceChildren(notice('error', words(text, failure)));
  return [
    button(text.t('back'), () => (offer ? app.go('offer', { id: offer.id, offer }) : app.go('offers')), {
      class: 'button quiet',
    }),
    heading(text.t('signIn')),
    offer && h('p', null, bdi(text.name(offer.title))),
    h('p', { class: 'hint' }, text.t('emailText')),
    told,
    form(text.t('sendCode'), email.node, send, fail),
  ];
}

export async function codeScreen(app, { email, offer, next }) {
  const { text } = app;
  const code = field(text.t('signInCode'), 'code', {
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    dir: 'ltr',
    maxlength: 12,
  });
  const told = h('div', { role: 'alert' });
  const confirm = async () => {
    const typed = code.input.value.trim();
    if (!typed) return code.refuse(text.t('codeWrong'));
    const { token } = await app.api.post('sessions', { email, code: typed });
    app.kept.set('token', token);
    app.signedInChanged();
    if (offer)
      await claimOffer(app, offer).catch((failure) =>
        app.go('offer', { id: offer.id, offer }).then(() => app.say(words(text, failure), true)),
      );
    else await app.go(next ?? 'offers');
  };
  const fail = (failure) => {
    const isWrong =
      failure.status >= 400 && failure.status < 500 && failure.status !== 429 && failure.status !== 403;
    if (isWrong) code.refuse(text.t('codeWrong'));
    else told.replaceChildren(notice('error', words(text, failure)));
  };
  return [
    heading(text.t('codeTitle')),
    h('p', { class: 'hint' }, text.t('codeText', { email })),
    told,
    form(text.t('confirm'), code.node, confirm, fail),
    button(text.t('otherEmail'), () => app.go('signIn', { offer, next }), { class: 'button quiet' }),
  ];
}

/** Messages or none, sign out, the data as a file, and the end of it all. */
export async function accountScreen(app) {
  const { text, api } = app;
  if (!api.isSignedIn()) return app.replace('signIn', { next: 'account' });
  const me = await api.get('me');
  const market = text.name(app.market.name);
  const box = h('input', {
    type: 'checkbox',
    id: 'messages',
    checked: me.optedIn,
    change: () => app.busy(() => optIn(app, box)),
  });
  return [
    heading(text.t('account')),
    h('p', null, text.t('signedInAs', { email: me.email })),
    h('div', { class: 'check' }, box, h('label', { for: 'messages' }, text.t('optIn', { market }))),
    h(
      'div',
      { class: 'actions' },
      button(text.t('export'), () => app.busy(() => download(app))),
      button(text.t('signOut'), () => app.busy(() => signOut(app))),
      button(text.t('delete'), () => app.go('deletion'), { class: 'button danger' }),
    ),
  ];
}

async function optIn(app, box) {
  const { optedIn } = await app.api.patch('me', { optedIn: box.checked }).catch((failure) => {
    box.checked = !box.checked;
    throw failure;
  });
  app.say(app.text.t(optedIn ? 'optedIn' : 'optedOut'));
}

async function download(app) {
  const data = new Blob([JSON.stringify(await app.api.get('me/export'), null, 2)], {
    type: 'application/json',
  });
  const link = h('a', { href: URL.createObjectURL(data), download: `${app.market.slug}.json` });
  link.click();
  URL.revokeObjectURL(link.href);
}

async function signOut(app) {
  await app.api.remove('sessions/current').catch((failure) => {
    if (failure.code !== 'token-refused') throw failure;
  });
  await forget(app, 'signedOut');
}

async function forget(app, told) {
  app.kept.set('token', null);
  app.signedInChanged();
  await app.go('offers');
  app.say(app.text.t(told));
}

export async function deletionScreen(app) {
  const { text } = app;
  const remove = async () => {
    await app.api.remove('me');
    await forget(app, 'deleted');
  };
  return [
    heading(text.t('deleteTitle', { market: text.name(app.market.name) })),
    h('p', null, text.t('deleteText')),
    h(
      'div',
      { class: 'actions' },
      button(text.t('cancel'), () => app.go('account')),
      button(text.t('deleteYes'), () => app.busy(remove), { class: 'button danger' }),
    ),
  ];
}
