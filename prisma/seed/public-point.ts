import { createHash } from 'node:crypto';

// P-256 (FIPS 186-5): y² = x³ − 3x + b over the integers modulo p.
const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/**
 * A public key that nobody holds the private half of: a point of the curve that a hash chose, whose logarithm is as hard
 * to find as any. The same name gives the same point, so that two seeds are alike.
 */
export function publicPoint(name: string): { kty: 'EC'; crv: 'P-256'; x: string; y: string } {
  for (let tries = 0; ; tries++) {
    const x = BigInt(`0x${createHash('sha256').update(`${name}/${tries}`).digest('hex')}`) % P;
    const square = ((((x * x - 3n) * x + B) % P) + P) % P;
    // p leaves 3 when divided by 4, so this is a root where there is one.
    const y = power(square, (P + 1n) / 4n);
    if ((y * y) % P === square) return { kty: 'EC', crv: 'P-256', x: encoded(x), y: encoded(y) };
  }
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, factor] = [1n, base];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * factor) % P;
    factor = (factor * factor) % P;
  }
  return result;
}

const encoded = (value: bigint) =>
  Buffer.from(value.toString(16).padStart(64, '0'), 'hex').toString('base64url');
