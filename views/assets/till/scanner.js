import { hasCamera, scan } from './camera.js';
import { button, h } from './dom.js';

/** A button that opens the camera, and the picture below it. Nothing where there is no camera. */
export function scanner({ text }, { label, isOpen = false, onFound, ...attributes }) {
  if (!hasCamera()) return null;
  const video = h('video', { class: 'till-video', playsinline: true, 'aria-label': text.t('scan.hint') });
  video.muted = true;
  const panel = h('div', { class: 'till-camera', hidden: true }, video, h('p', null, text.t('scan.hint')));
  const failed = h('p', { class: 'till-wrong', role: 'alert', hidden: true }, text.t('scan.failed'));
  let running = null;
  const say = (words) => trigger.querySelector('span').replaceChildren(words);

  async function open() {
    running = new AbortController();
    panel.hidden = false;
    failed.hidden = true;
    say(text.t('scan.stop'));
    try {
      const found = await scan(video, running.signal);
      if (found) onFound(found);
    } catch {
      failed.hidden = false;
    }
    close();
  }
  function close() {
    running?.abort();
    running = null;
    panel.hidden = true;
    say(label);
  }
  const trigger = button(label, 'scan-qr-code', () => (running ? close() : open()), {
    ...{ class: 'till-button till-primary till-scan', ...attributes },
  });
  const whole = h('div', { class: 'till-scanner' }, trigger, panel, failed);
  // Leaving the screen, however, turns the camera off.
  const watch = new MutationObserver(() => {
    if (whole.isConnected) return;
    watch.disconnect();
    running?.abort();
  });
  watch.observe(document.querySelector('#main'), { childList: true });
  if (isOpen) queueMicrotask(open);
  return whole;
}
