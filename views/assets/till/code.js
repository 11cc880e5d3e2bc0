// The rules of server/claims/claim-code.ts; a test holds the two together.
const MISREAD = { O: '0', I: '1', L: '1', U: 'V' };

/** A code from what was typed or scanned: spaces, dashes, mistaken letters, Arabic digits, or a claim's address. */
export function readCode(typed) {
  const text = /[?&]code=([^&#\s]*)/.exec(typed)?.[1] ?? typed;
  return text
    .normalize('NFKC')
    .replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15))
    .replace(/[\s\p{Pd}]/gu, '')
    .toUpperCase()
    .replace(/[OILU]/g, (letter) => MISREAD[letter]);
}

export const isCode = (code) => /^[0-9A-HJKMNP-TV-Z]{8}$/.test(code);

/** In two halves, for people. */
export const spelled = (code) => (code.length === 8 ? `${code.slice(0, 4)}-${code.slice(4)}` : code);

/** The code of a pairing, typed or in the address that its QR code says. */
export const readPairing = (typed) => (/#pair=([^&\s]+)/.exec(typed)?.[1] ?? typed).trim();
