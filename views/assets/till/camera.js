const BETWEEN_MS = 120;

/** The browser's own reader where it has one, else the one that came with the shell. */
async function reader() {
  const own = window.BarcodeDetector;
  const formats = own ? await own.getSupportedFormats().catch(() => []) : [];
  const Detector = formats.includes('qr_code') ? own : (await import('./qr/decode.js')).BarcodeDetector;
  return new Detector({ formats: ['qr_code'] });
}

export const hasCamera = () => Boolean(navigator.mediaDevices?.getUserMedia);

/**
 * Looks for one QR code in what the camera sees.
 * @returns what it says; null when `signal` ended it. Rejects where there is no camera to use.
 */
export async function scan(video, signal) {
  const detector = await reader();
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  try {
    video.srcObject = stream;
    await video.play();
    while (!signal.aborted) {
      const [found] = await detector.detect(video).catch(() => []);
      if (found?.rawValue) return signal.aborted ? null : found.rawValue;
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    }
    return null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}
