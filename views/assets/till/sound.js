const TONES = {
  ok: [
    [880, 0, 0.12],
    [1320, 0.13, 0.22],
  ],
  warn: [
    [660, 0, 0.16],
    [660, 0.22, 0.16],
  ],
  error: [[196, 0, 0.5]],
};

let context = null;

/** Browsers play nothing before somebody touched the page: called on every touch until it works. */
export function wakeSound() {
  if (!navigator.userActivation?.hasBeenActive) return;
  context ??= 'AudioContext' in window ? new AudioContext() : null;
  if (context?.state === 'suspended') context.resume().catch(() => {});
}

/** Heard with the eyes elsewhere: rising for yes, twice the same for care, low for no. */
export function play(kind) {
  navigator.vibrate?.(kind === 'ok' ? 80 : [120, 80, 120]);
  if (context?.state !== 'running') return;
  for (const [pitch, start, length] of TONES[kind] ?? []) tone(pitch, context.currentTime + start, length);
}

function tone(pitch, at, length) {
  const [oscillator, volume] = [context.createOscillator(), context.createGain()];
  oscillator.frequency.value = pitch;
  oscillator.type = pitch < 300 ? 'sawtooth' : 'sine';
  volume.gain.setValueAtTime(0.001, at);
  volume.gain.exponentialRampToValueAtTime(0.4, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + length);
  oscillator.connect(volume).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + length);
}
