// Reads a QR code with the camera where the browser can; where it can't, the field and the phone's own camera remain.
const button = document.querySelector('[data-scan]');
const panel = document.querySelector('[data-scanner]');
const failed = document.querySelector('[data-scan-failed]');
const words = button?.querySelector('span');
const start = words?.textContent;
let stream = null;

const canScan = async () => {
  if (!('BarcodeDetector' in window) || !navigator.mediaDevices?.getUserMedia) return false;
  return (await window.BarcodeDetector.getSupportedFormats()).includes('qr_code');
};

function stop() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  panel.hidden = true;
  words.textContent = start;
}

async function scan() {
  failed.hidden = true;
  const video = panel.querySelector('video');
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    panel.hidden = false;
    words.textContent = button.dataset.stop;
    video.srcObject = stream;
    await video.play();
    await watch(video, new window.BarcodeDetector({ formats: ['qr_code'] }));
  } catch {
    stop();
    failed.hidden = false;
  }
}

async function watch(video, detector) {
  while (stream) {
    const [found] = await detector.detect(video);
    if (found && stream) {
      stop();
      const field = button.form.elements.namedItem('code');
      field.value = found.rawValue;
      button.form.requestSubmit();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

button?.addEventListener('click', () => (stream ? stop() : scan()));
window.addEventListener('pagehide', () => stream && stop());
if (button && (await canScan().catch(() => false))) button.hidden = false;
