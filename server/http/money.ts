import { fractionDigits } from './format.ts';

const LARGEST_MINOR = 2_000_000_000;

/** Arabic-Indic and Persian digits and separators are what an Arabic keyboard types. */
function latinDigits(text: string): string {
  return text
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0))
    .replace(/٫/g, '.')
    .replace(/٬/g, ',');
}

/**
 * Typed money to integer minor units: '1,250.5' SAR → 125050. Null when it isn't an amount of this currency:
 * negative, too many digits after the point, or over 2,000,000,000 minor units (the column's limit).
 */
export function parseMoney(text: string, currency: string): number | null {
  const plain = latinDigits(text.trim());
  if (!/^(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$/.test(plain)) return null;
  const [whole = '', fraction = ''] = plain.replace(/,/g, '').split('.');
  const digits = fractionDigits(currency);
  if (fraction.length > digits) return null;
  const minor = Number(whole + fraction.padEnd(digits, '0'));
  return minor <= LARGEST_MINOR ? minor : null;
}
