// Small helps for forms. Every form also works without them.
document.querySelector('[data-focus]')?.focus();

// "Fill this in" in the list of errors: of which field? Its own words say so: those of its group and its label.
for (const link of document.querySelectorAll('.error-summary a')) {
  const field = document.getElementById(link.hash.slice(1));
  const words = [
    field?.closest('fieldset.bilingual')?.querySelector('legend'),
    field?.labels?.[0] ?? field?.querySelector('legend'),
  ].map((element) => element?.firstChild?.textContent.trim());
  const name = field?.getAttribute('aria-label') ?? words.filter(Boolean).join(' · ');
  if (name) link.prepend(`${name}: `);
}

// <form data-autosubmit>: a change sends it.
document.addEventListener('change', (event) => {
  const form = event.target instanceof Element ? event.target.closest('form[data-autosubmit]') : null;
  form?.requestSubmit();
});

// <input data-mirror="#id">: the element shows what is being typed, or its own words while nothing is.
const mirror = (input) => {
  const target = document.querySelector(input.dataset.mirror);
  if (!target) return;
  target.dataset.original ??= target.textContent;
  target.textContent = input.value.trim() === '' ? target.dataset.original : input.value;
};
document.addEventListener('input', (event) => {
  if (event.target instanceof Element && event.target.matches('[data-mirror]')) mirror(event.target);
});

// <input type="file" data-mirror-image="#id">: shows the chosen picture before it is sent.
document.addEventListener('change', (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !input.dataset.mirrorImage || !input.files?.[0]) return;
  const image = document.querySelector(input.dataset.mirrorImage);
  if (!(image instanceof HTMLImageElement)) return;
  if (image.src.startsWith('blob:')) URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(input.files[0]);
  image.hidden = false;
});

// A second press while the first is on its way would send twice.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post' || form.dataset.download !== undefined) return;
  if (form.dataset.sending) event.preventDefault();
  form.dataset.sending = 'yes';
});
window.addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sending]')) delete form.dataset.sending;
});

// <button data-copy="#id" data-copied="words" hidden>: copies the element's text; shown where the browser can.
for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = !navigator.clipboard;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent.trim());
    const label = button.querySelector('span');
    label.setAttribute('role', 'status');
    label.textContent = button.dataset.copied;
  });
}
