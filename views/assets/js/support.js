// A support session's time runs down in its bar, and at its end the page is asked for anew: the server says that it is over.
const left = document.querySelector('[data-support-left]');
const end = Date.parse(left?.dateTime ?? '');
const locale = document.documentElement.lang === 'ar' ? 'ar-u-nu-latn' : 'en';

const tick = () => {
  const seconds = Math.ceil((end - Date.now()) / 1000);
  if (seconds <= 0) return location.reload();
  left.textContent = left.dataset.supportLeft.replace('#', Math.ceil(seconds / 60).toLocaleString(locale));
  setTimeout(tick, Math.min(15_000, seconds * 1000));
};
if (Number.isFinite(end)) tick();
