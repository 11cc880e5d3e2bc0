// Select-all and the count of a bulk bar, clean addresses, and a spoken result count.
const boxes = (id) => [...document.querySelectorAll(`input[name="ids[]"][form="${CSS.escape(id)}"]`)];

function refresh(form) {
  const all = boxes(form.id);
  const chosen = all.filter((box) => box.checked).length;
  const counter = form.querySelector('[data-count]');
  if (counter) counter.textContent = `${chosen} ${counter.dataset.count}`;
  form.hidden = chosen === 0;
  const head = document.querySelector(`[data-select-all="${CSS.escape(form.id)}"]`);
  if (!head) return;
  head.hidden = false;
  head.checked = chosen > 0 && chosen === all.length;
  head.indeterminate = chosen > 0 && chosen < all.length;
}

const refreshAll = () => document.querySelectorAll('form[data-bulk]').forEach(refresh);

document.addEventListener('change', (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement)) return;
  if (box.dataset.selectAll) for (const other of boxes(box.dataset.selectAll)) other.checked = box.checked;
  if (box.dataset.selectAll || box.name === 'ids[]') refreshAll();
});

// <input data-required-for="suspended">: needed by the button of that value alone, and said before anything is lost.
document.addEventListener(
  'click',
  (event) => {
    const button = event.target instanceof Element ? event.target.closest('form[data-bulk] button') : null;
    for (const field of button?.form.querySelectorAll('[data-required-for]') ?? []) {
      field.required = field.dataset.requiredFor === button.value;
    }
  },
  true,
);

function emptyNames(form) {
  return [...new FormData(form).entries()].filter(([, value]) => value === '').map(([name]) => name);
}

// Without this an untouched filter would leave `state=&plan=` in the address.
document.addEventListener('htmx:config:request', (event) => {
  const { sourceElement, request } = event.detail.ctx;
  if (!sourceElement.matches('form[data-strip-empty]')) return;
  for (const name of emptyNames(sourceElement)) request.body.delete(name);
});
document.addEventListener('formdata', (event) => {
  if (!(event.target instanceof HTMLFormElement) || !event.target.matches('[data-strip-empty]')) return;
  for (const [name, value] of [...event.formData.entries()]) if (value === '') event.formData.delete(name);
});

document.addEventListener('htmx:after:swap', () => {
  refreshAll();
  const list = document.getElementById('list');
  const status = document.getElementById('list-status');
  if (list && status) status.textContent = list.dataset.summary ?? '';
});

refreshAll();
