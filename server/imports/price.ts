import { fractionDigits } from '../http/format.ts';
import { parseMoney } from '../http/money.ts';

export type PriceProblem = 'price-negative' | 'price-digits' | 'price-too-large' | 'price-unreadable';

/**
 * A cell's price as integer minor units. Zeros beyond the currency's digits say nothing and are dropped
 * ("9.9900" SAR); anything else that is not a plain amount of the currency is named, never rounded.
 */
export function readPrice(cell: string, currency: string): number | PriceProblem {
  const text = dropZeros(cell.trim(), fractionDigits(currency));
  const minor = parseMoney(text, currency);
  if (minor !== null) return minor;
  if (/^[-−(]\s*[\d٠-٩۰-۹]/.test(text)) return 'price-negative';
  if (!/^[\d٠-٩۰-۹][\d٠-٩۰-۹,٬]*([.٫][\d٠-٩۰-۹]+)?$/.test(text)) return 'price-unreadable';
  if (isGroupedWrong(text)) return 'price-unreadable';
  const fraction = text.split(/[.٫]/)[1] ?? '';
  return fraction.length > fractionDigits(currency) ? 'price-digits' : 'price-too-large';
}

function dropZeros(text: string, digits: number): string {
  const [whole = '', fraction] = text.split(/[.٫]/, 2);
  if (fraction === undefined || fraction.length <= digits || !/^[0٠۰]*$/.test(fraction.slice(digits)))
    return text;
  return digits === 0 ? whole : text.slice(0, whole.length + 1 + digits);
}

/** "12,50": a decimal comma can't be told from a thousands one. */
function isGroupedWrong(text: string): boolean {
  const [whole = ''] = text.split(/[.٫]/);
  const groups = whole.split(/[,٬]/);
  return groups.length > 1 && groups.slice(1).some((group) => group.length !== 3);
}
