/** OWASP's figure for PBKDF2 with SHA-256. */
const ROUNDS = 600_000;
const FREE_TRIES = 5;
const LONGEST_MS = 15 * 60_000;

export const isPin = (pin) => /^\d{4,8}$/.test(pin);

/** What is kept of a PIN: enough to recognise it, slowly. It opens nothing else. */
export async function keepPin(pin, rounds = ROUNDS) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return { salt, rounds, hash: await slowHash(pin, salt, rounds), failures: 0, failedAt: 0 };
}

export async function matchesPin(pin, kept) {
  const hash = await slowHash(pin, kept.salt, kept.rounds);
  return hash.reduce((difference, byte, index) => difference | (byte ^ kept.hash[index]), 0) === 0;
}

async function slowHash(pin, salt, iterations) {
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, [
    'deriveBits',
  ]);
  const settings = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(settings, key, 256));
}

/** How long nobody may try again. A clock that was set back makes it no longer than the whole of it. */
export function pinWait({ failures, failedAt }, now) {
  if (failures < FREE_TRIES) return 0;
  const whole = Math.min(LONGEST_MS, 30_000 * 2 ** (failures - FREE_TRIES));
  return Math.min(whole, Math.max(0, failedAt + whole - now));
}
