import { randomBytes } from 'node:crypto';

/** Crockford's: no letter that is read as a digit. The same that claims' codes are made of. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 12;
const GROUP = 4;

/**
 * A code that nobody guesses in its ten minutes, even with the digest that the database keeps: 60 random bits, spelled in
 * groups for whoever types them.
 */
export function newPairingCode(): string {
  // 32 letters divide 256 evenly: none comes more often than another.
  return [...randomBytes(LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

export const inGroups = (code: string): string =>
  code.match(new RegExp(`.{1,${GROUP}}`, 'g'))?.join('-') ?? code;

/** What the QR code says: the till's page, with the code where no server's log ever sees it. */
export const pairingAddress = (publicUrl: string, code: string): string =>
  `${publicUrl.replace(/\/$/, '')}/till#pair=${code}`;
