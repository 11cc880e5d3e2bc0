// Dialogs work without this file: a link to #id shows them by :target. Here they become modal.
const open = (dialog, trigger) => {
  dialog.returnFocus = trigger;
  dialog.showModal();
};

document.addEventListener('click', (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const trigger = target?.closest('[data-dialog]');
  const dialog = trigger && document.getElementById(trigger.dataset.dialog);
  if (dialog instanceof HTMLDialogElement) {
    event.preventDefault();
    open(dialog, trigger);
    return;
  }
  const closer = target?.closest('[data-dialog-close]');
  if (closer) {
    event.preventDefault();
    closer.closest('dialog')?.close();
    if (location.hash) history.replaceState(null, '', location.pathname + location.search);
  }
  if (target instanceof HTMLDialogElement && target.open) target.close();
});

document.addEventListener(
  'close',
  (event) => {
    if (event.target instanceof HTMLDialogElement) event.target.returnFocus?.focus();
  },
  true,
);

// A button with data-confirm asks first; without scripts the server's own checks and the audit trail remain.
const ask = document.getElementById('confirm');
document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('[data-confirm]') : null;
  if (!button || !ask || button.dataset.confirmed) return;
  event.preventDefault();
  if (button.form && !button.form.noValidate && !button.form.reportValidity()) return;
  const yes = ask.querySelector('[data-confirm-yes]');
  ask.querySelector('.dialog-title').textContent = button.dataset.confirm;
  yes.textContent = button.textContent.trim();
  yes.classList.toggle('button-danger', button.classList.contains('button-danger'));
  yes.onclick = () => {
    ask.close();
    button.dataset.confirmed = 'yes';
    button.click();
    delete button.dataset.confirmed;
  };
  open(ask, button);
});

const wanted =
  location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
if (wanted instanceof HTMLDialogElement) open(wanted, null);
