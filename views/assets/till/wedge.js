const QUIET_MS = 1_500;

/** A scanner that types: what arrives outside of a field, up to its Enter, is a code too. */
export function listenToScanner(onCode) {
  let typed = '';
  let last = 0;
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('input, textarea')) return;
    if (event.timeStamp - last > QUIET_MS) typed = '';
    last = event.timeStamp;
    if (event.key.length === 1) typed += event.key;
    if (event.key !== 'Enter' || typed.length < 8) return;
    event.preventDefault();
    const code = typed;
    typed = '';
    onCode(code);
  });
}
