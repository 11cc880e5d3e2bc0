import { PASSWORD } from '../http.ts';
import { webp } from './arrange.ts';
import type { Body, Upload } from './ask.ts';
import type { Field, Form } from './html.ts';

let count = 0;

/** Values that a meaning asks for, by the field's name. */
const MEANINGS: readonly [RegExp, () => string][] = [
  [/^slug$/i, () => `probe-${++count}`],
  [/e-?mail/i, () => `probe-${++count}@example.test`],
  [/^currentPassword$/, () => PASSWORD],
  [/password/i, () => 'another good pass phrase'],
  [/^currency$/i, () => 'SAR'],
  [/^timeZone$/i, () => 'Asia/Riyadh'],
  [/^planId$/i, () => 'fixturemain'],
  [/^locale$/i, () => 'en'],
  [/phone/i, () => '+966 11 222 3344'],
  [/^code$/i, () => 'AMBRMA1N'],
  [/limit/i, () => '5'],
  [/^origins/i, () => 'https://shop.example.test'],
  [/^expires/i, () => '2099-01-01T10:00'],
  [/^(from|day|first)$/i, () => '2026-05-01'],
  [/^(to|until|last)$/i, () => '2026-05-31'],
  [/^oldPrice$|compare/i, () => '20.00'],
  [/price|amount/i, () => '12.50'],
  [/^start/i, () => '2098-01-01T10:00'],
  [/^end/i, () => '2099-01-01T10:00'],
  [/latitude/i, () => '24.7'],
  [/longitude/i, () => '46.7'],
  [/^opens/i, () => '09:00'],
  [/^closes/i, () => '18:00'],
  [/^(next|back)$/i, () => '/'],
  [/^sendAt$/, () => new Date(Date.now() + 172_800_000).toISOString().slice(0, 16)],
];

const meaningOf = (name: string): string | undefined =>
  MEANINGS.find(([pattern]) => pattern.test(name))?.[1]();

export const textFor = (name: string): string => meaningOf(name) ?? `Probe ${name}`;

const TYPED: Readonly<Record<string, string>> = {
  number: '1',
  date: '2099-01-01',
  url: 'https://example.test/',
  tel: '+966 11 222 3344',
};

/**
 * The body that a browser would send, what is left empty filled in. `button` is the one pressed; a field of
 * radio buttons sends the chosen one, or the first.
 */
export async function bodyOf(form: Form, button: Form['buttons'][number] | undefined): Promise<Body> {
  const fields: [string, string][] = [];
  const files: Upload[] = [];
  for (const field of form.fields) {
    if (field.type === 'file') files.push(await fileFor(field));
    else fields.push(...pairsOf(field, form));
  }
  if (button?.name) fields.push([button.name, button.value]);
  return form.isUpload ? { kind: 'multipart', fields, files } : { kind: 'form', fields };
}

function pairsOf(field: Field, form: Form): [string, string][] {
  const { name, type, value } = field;
  if (type === 'radio') {
    const group = form.fields.filter((other) => other.name === name);
    const chosen = group.find(({ checked }) => checked) ?? group[0];
    return chosen === field ? [[name, value]] : [];
  }
  if (type === 'checkbox') {
    const isFirstOfList = name.endsWith('[]') && form.fields.find((other) => other.name === name) === field;
    return field.checked || isFirstOfList ? [[name, value || 'on']] : [];
  }
  if (type === 'select') {
    const real = field.options.filter((each) => each.value);
    const chosen = real.find(({ selected }) => selected) ?? real[0];
    return [[name, chosen?.value ?? '']];
  }
  if (type === 'hidden' || value !== '') return [[name, value]];
  const isDay = type === 'date' && /^(from|to|until)$/.test(name);
  return [[name, (isDay ? meaningOf(name) : TYPED[type]) ?? textFor(name)]];
}

export const CSV = Buffer.from(
  'Handle,Title,Body (HTML),Variant SKU,Variant Price,Variant Compare At Price\r\n' +
    'probe,Probe product,<p>Text</p>,SKU-1,12.50,20.00\r\n',
);

async function fileFor({ name }: Field): Promise<Upload> {
  if (/image|logo|picture|photo/i.test(name))
    return { name, fileName: 'probe.webp', type: 'image/webp', bytes: await webp() };
  return { name, fileName: 'products.csv', type: 'text/csv', bytes: CSV };
}
