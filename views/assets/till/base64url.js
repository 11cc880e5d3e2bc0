const toBinary = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

/** Bytes or text, as JSON Web Tokens write them. */
export function base64url(content) {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content);
  return btoa(toBinary(bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
