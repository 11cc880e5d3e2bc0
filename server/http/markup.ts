const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

/**
 * HTML that is safe to print, together with its plain-text twin. A template prints the HTML; an attribute,
 * a sentence or `${value}` gets the text, which is escaped again wherever it lands.
 */
export class Markup {
  readonly html: string;
  readonly text: string;

  constructor(html: string, text: string = html) {
    this.html = html;
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** Escapes everything except Markup: the escape function of every template. Lists of Markup are joined. */
export function escapeHtml(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Markup) return value.html;
  if (Array.isArray(value) && value.some((item) => item instanceof Markup))
    return value.map(escapeHtml).join('');
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** Tagged template: every substitution is escaped, Markup is kept. */
export function html(strings: TemplateStringsArray, ...values: unknown[]): Markup {
  return new Markup(strings.reduce((out, part, i) => out + escapeHtml(values[i - 1]) + part));
}

/** `attrs({ required: true, max: 3, hidden: false })` → ` required max="3"`. */
export function attrs(map: Record<string, unknown> = {}): Markup {
  const parts = Object.entries(map)
    .filter(([, value]) => value !== false && value !== null && value !== undefined)
    .map(([name, value]) => {
      if (!/^[a-z][a-z0-9:-]*$/i.test(name)) throw new Error(`Not an attribute name: ${name}`);
      return value === true ? ` ${name}` : ` ${name}="${escapeAttribute(value)}"`;
    });
  return new Markup(parts.join(''));
}

/** In an attribute Markup would break the quotes, so its text goes in. */
function escapeAttribute(value: unknown): string {
  return escapeHtml(value instanceof Markup ? value.text : value);
}
