const LENGTH = 8;
/** What people read where the alphabet, Crockford's, has another character. */
const MISREAD: Record<string, string> = { O: '0', I: '1', L: '1', U: 'V' };

/**
 * A code as the database has it, from what a person typed or a scanner sent: spaces and dashes, lower case, mistaken
 * letters, Arabic digits, or the whole address that a claim's QR code says. '' when nothing is left.
 */
export function readCode(typed: string): string {
  const text = /[?&]code=([^&#\s]*)/.exec(typed)?.[1] ?? typed;
  return text
    .normalize('NFKC')
    .replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15))
    .replace(/[\s\p{Pd}]/gu, '')
    .toUpperCase()
    .replace(/[OILU]/g, (letter) => MISREAD[letter]!);
}

/** Whether it can be a code at all. */
export const isCode = (code: string): boolean => /^[0-9A-HJKMNP-TV-Z]{8}$/.test(code);

/** In two halves, for people. */
export const spelled = (code: string): string =>
  code.length === LENGTH ? `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}` : code;

/** Where the QR code of a claim leads: whoever scans it at the till gets to the redemption of this very claim. */
export const redemptionUrl = (publicUrl: string, code: string): string =>
  `${publicUrl.replace(/\/$/, '')}/redemptions?code=${code}`;
