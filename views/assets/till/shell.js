/**
 * The service worker that starts the till without a network. A new version waits until `apply` is called, which screens
 * do where nothing is under way; pages of the old version keep their own files until then.
 */
export async function registerShell({ onWaiting }) {
  if (!('serviceWorker' in navigator)) return { apply: () => false, askForSync: async () => {} };
  const { serviceWorker } = navigator;
  const registration = await serviceWorker.register('/till/sw.js', {
    scope: '/till',
    updateViaCache: 'none',
  });
  let isAsked = false;
  const told = () => registration.waiting && serviceWorker.controller && onWaiting();
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', told);
  });
  serviceWorker.addEventListener('controllerchange', () => {
    if (isAsked) location.reload();
  });
  told();
  return {
    /** @returns whether a new version is taken over now; the page is loaded anew then */
    apply() {
      if (!registration.waiting) return false;
      isAsked = true;
      registration.waiting.postMessage('take-over');
      return true;
    },
    look: () => registration.update().catch(() => {}),
    /** Where browsers can, they wake the service worker when there is a network again, page or no page. */
    askForSync: () => registration.sync?.register('bulkhead-till-sync').catch(() => {}),
  };
}
