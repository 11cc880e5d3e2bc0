export interface Field {
  readonly name: string;
  /** `input` type, or `select`, `textarea`, `button`. */
  readonly type: string;
  readonly value: string;
  readonly checked: boolean;
  readonly required: boolean;
  readonly options: readonly { readonly value: string; readonly selected: boolean }[];
}

export interface Form {
  readonly method: 'GET' | 'POST';
  readonly action: string;
  readonly isUpload: boolean;
  readonly fields: readonly Field[];
  readonly buttons: readonly Button[];
}

interface Button {
  readonly name: string;
  readonly value: string;
  readonly action: string | undefined;
}

interface Tag {
  readonly name: string;
  readonly isEnd: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  /** The text up to the next tag. */
  readonly text: string;
}

const TAG =
  /<(\/?)([a-zA-Z][\w-]*)((?:\s+[^\s=>"'/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"']+))?)*)\s*\/?>([^<]*)/g;
const ATTRIBUTE = /([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?/g;

function tagsOf(html: string): Tag[] {
  return [...html.matchAll(TAG)].map(([, end, name = '', attributes = '', text = '']) => ({
    name: name.toLowerCase(),
    isEnd: end === '/',
    attributes: Object.fromEntries(
      [...attributes.matchAll(ATTRIBUTE)].map(([, key = '', a, b, c]) => [
        key.toLowerCase(),
        decode(a ?? b ?? c ?? ''),
      ]),
    ),
    text: decode(text),
  }));
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export function decode(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    return decimal ? String.fromCodePoint(Number(decimal)) : (ENTITIES[name] ?? whole);
  });
}

const ADDRESSES = ['href', 'hx-get', 'src'];

/** Addresses within the same portal that a page names. */
export function linksOf(html: string): string[] {
  const found = tagsOf(html).flatMap(({ attributes }) => ADDRESSES.flatMap((name) => attributes[name] ?? []));
  return [...new Set(found.filter((address) => address.startsWith('/') && !address.startsWith('//')))];
}

interface Draft {
  id: string;
  attributes: Readonly<Record<string, string>>;
  fields: Field[];
  buttons: Button[];
}

/** Forms with all that a browser could send with them, controls elsewhere on the page that name them included. */
export function formsOf(html: string, page: string): Form[] {
  const drafts: Draft[] = [];
  const loose: { form: string; add: (draft: Draft) => void }[] = [];
  let open: Draft | undefined;
  let select: { field: Field; options: { value: string; selected: boolean }[] } | undefined;
  for (const tag of tagsOf(html)) {
    const { attributes } = tag;
    if (tag.name === 'form') {
      if (tag.isEnd) open = undefined;
      else {
        open = { id: attributes.id ?? '', attributes, fields: [], buttons: [] };
        drafts.push(open);
      }
      continue;
    }
    if (tag.name === 'select' && tag.isEnd) select = undefined;
    if (tag.isEnd) continue;
    const place = (add: (draft: Draft) => void) => {
      if (attributes.form) loose.push({ form: attributes.form, add });
      else if (open) add(open);
    };
    if (tag.name === 'option') {
      select?.options.push({ value: attributes.value ?? tag.text, selected: 'selected' in attributes });
    } else if (['input', 'select', 'textarea'].includes(tag.name) && attributes.name) {
      const options: { value: string; selected: boolean }[] = [];
      const field = fieldOf(tag, options);
      if (tag.name === 'select') select = { field, options };
      place((draft) => draft.fields.push(field));
    } else if (tag.name === 'button' && attributes.type !== 'button') {
      const button = {
        name: attributes.name ?? '',
        value: attributes.value ?? '',
        action: attributes.formaction,
      };
      place((draft) => draft.buttons.push(button));
    }
  }
  for (const { form, add } of loose) for (const draft of drafts) if (draft.id === form) add(draft);
  return drafts.map((draft) => formOf(draft, page));
}

function fieldOf({ name, attributes, text }: Tag, options: Field['options']): Field {
  return {
    name: attributes.name ?? '',
    type: name === 'input' ? (attributes.type ?? 'text') : name,
    value: name === 'textarea' ? text.replace(/^\n/, '') : (attributes.value ?? ''),
    checked: 'checked' in attributes,
    required: 'required' in attributes,
    options,
  };
}

function formOf({ attributes, fields, buttons }: Draft, page: string): Form {
  return {
    method: attributes.method?.toUpperCase() === 'POST' ? 'POST' : 'GET',
    action: attributes.action || page,
    isUpload: attributes.enctype === 'multipart/form-data',
    fields: fields.filter(({ name }) => name !== '_csrf'),
    buttons,
  };
}
