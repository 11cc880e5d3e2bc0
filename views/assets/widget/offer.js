import { bdi, button, h } from './dom.js';
import { facts, picture, price } from './offers.js';
import { heading, notice, words } from './parts.js';

/** One offer, and the way to claim it. */
export async function offerScreen(app, { id, offer: known }) {
  const { text } = app;
  const offer = await app.api.get(`offers/${id}`).catch((failure) => {
    if (failure.code === 'offline' && known) return known;
    throw failure;
  });
  const told = h('div', { role: 'alert' });
  const claim = button(
    text.t('claim'),
    () => (app.api.isSignedIn() ? app.busy(() => claimOffer(app, offer, told)) : app.go('signIn', { offer })),
    { class: 'button primary', disabled: offer.remaining === 0 },
  );
  const article = h(
    'article',
    { class: 'offer', 'data-offer': offer.id },
    picture(offer, text),
    h(
      'div',
      { class: 'body' },
      heading(bdi(text.name(offer.title))),
      price(offer, text),
      h('p', { class: 'facts' }, facts(offer, text)),
      h('p', { class: 'prose' }, bdi(text.name(offer.text))),
      told,
      claim,
      offer.branches.length > 0 && [
        h('h4', null, text.t('branches')),
        h(
          'ul',
          { class: 'plain', role: 'list' },
          offer.branches.map(({ name }) => h('li', null, bdi(text.name(name)))),
        ),
      ],
    ),
  );
  app.watch(article);
  return [
    button(text.t('back'), () => app.go('offers', { focus: `[data-offer="${offer.id}"] .open` }), {
      class: 'button quiet',
    }),
    article,
  ];
}

/** Claims and shows the code, or the one that the shopper has already; anything else is said beside the button. */
export async function claimOffer(app, offer, told) {
  const { text, api } = app;
  try {
    const claim = await api.post('claims', { offerId: offer.id });
    app.list.items = null;
    await app.go('claim', { claim, isNew: true });
  } catch (failure) {
    if (failure.code === 'token-refused') return app.go('signIn', { offer });
    if (failure.claimId) {
      await app.go('claim', { claim: await api.get(`claims/${failure.claimId}`) });
      return app.say(words(text, failure));
    }
    if (!told) throw failure;
    told.replaceChildren(notice('error', h('p', null, words(text, failure))));
  }
}
