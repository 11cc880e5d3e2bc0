import { categoryWords, type MatchCategory } from './categories.ts';
import type { Field, Mapping } from './columns.ts';
import type { CsvRow } from './csv/read-rows.ts';
import type { ProductRows } from './group-products.ts';
import type { ImportOptions } from './imports.input.ts';
import { plainText, wellFormed } from './plain-text.ts';
import { readPrice } from './price.ts';

const TITLE_MAX = 120;
const TEXT_MAX = 5_000;
/** Markup beyond any text that would fit; turning it into text would keep everybody else waiting. */
const MARKUP_MAX = 60_000;
const KEY_MAX = 200;
const SHOWN_VALUE = 120;

/** What is wrong in one cell; `imports:row.<code>` says it in words. */
export interface RowProblem {
  readonly row: number;
  readonly column: string;
  readonly value: string;
  readonly code: string;
}

export interface ProductContent {
  readonly title: string;
  readonly text: string;
  readonly price: number;
  readonly oldPrice: number | null;
  readonly categoryId: string | null;
}

export interface Product {
  readonly key: string;
  /** Of its first row. */
  readonly row: number;
  readonly content: ProductContent;
  /** With one or more, nothing of the product is imported. */
  readonly problems: readonly RowProblem[];
  /** Archived, draft or unpublished in the file, and not wanted. */
  readonly isHidden: boolean;
}

export interface ReadingRules {
  readonly headers: readonly string[];
  readonly mapping: Mapping;
  readonly options: Pick<ImportOptions, 'price' | 'hidden'>;
  readonly currency: string;
  readonly matchCategory: MatchCategory;
}

/** One product's rows as the content of an offer, with everything that is wrong in them. */
export function readProduct(group: ProductRows, rules: ReadingRules): Product {
  const reader = new Reader(group, rules);
  const { key } = group;
  const title = reader.title();
  const text = reader.text();
  const { price, oldPrice } = reader.prices();
  const categoryId = rules.matchCategory(reader.categoryWords());
  const { problems } = reader.withKeyProblems();
  const isHidden = rules.options.hidden === 'skip' && reader.isHidden();
  return {
    key,
    row: group.rows[0]!.number,
    content: { title, text, price, oldPrice, categoryId },
    problems,
    isHidden,
  };
}

class Reader {
  readonly problems: RowProblem[] = [];
  readonly group: ProductRows;
  readonly rules: ReadingRules;

  constructor(group: ProductRows, rules: ReadingRules) {
    this.group = group;
    this.rules = rules;
  }

  private cell({ cells }: CsvRow, field: Field): string {
    const column = this.rules.mapping[field];
    return column === undefined ? '' : (cells[column] ?? '').trim();
  }

  /** The first row whose cell isn't empty: rows after a product's first leave most of them out. */
  private filled(field: Field): CsvRow | undefined {
    return this.group.rows.find((row) => this.cell(row, field) !== '');
  }

  private problem(code: string, field: Field, row: CsvRow = this.group.rows[0]!): void {
    const { headers, mapping } = this.rules;
    const value = wellFormed(this.cell(row, field).slice(0, SHOWN_VALUE));
    this.problems.push({ row: row.number, column: headers[mapping[field] ?? -1] ?? '', value, code });
  }

  withKeyProblems(): this {
    const { key, isRepeated, rows } = this.group;
    if (key === '') this.problem('handle-missing', 'handle');
    else if (key.length > KEY_MAX) this.problem('handle-too-long', 'handle');
    else if (isRepeated) this.problem('handle-repeated', 'handle');
    const tooWide = rows.find(({ cells }) =>
      cells.slice(this.rules.headers.length).some((cell) => cell.trim() !== ''),
    );
    if (tooWide) this.problem('too-many-cells', 'handle', tooWide);
    return this;
  }

  title(): string {
    const row = this.filled('title');
    if (!row) {
      this.problem('title-missing', 'title');
      return '';
    }
    const title = wellFormed(this.cell(row, 'title'))
      .normalize('NFC')
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .trim();
    if ([...title].length > TITLE_MAX) this.problem('title-too-long', 'title', row);
    return title;
  }

  text(): string {
    const row = this.filled('text');
    if (!row) return '';
    const markup = this.cell(row, 'text');
    const text = markup.length > MARKUP_MAX ? '' : plainText(wellFormed(markup));
    if (markup.length > MARKUP_MAX || [...text].length > TEXT_MAX) this.problem('text-too-long', 'text', row);
    return text;
  }

  /** A row without a price is no variant: it only names one more picture. */
  prices(): { price: number; oldPrice: number | null } {
    const variants = this.group.rows.filter((row) => this.cell(row, 'price') !== '');
    if (variants.length === 0) {
      this.problem('price-missing', 'price');
      return { price: 0, oldPrice: null };
    }
    const asked = this.rules.options.price === 'first' ? variants.slice(0, 1) : variants;
    const read = asked.map((row) => ({ row, price: this.price(row, 'price') }));
    const lowest = read.reduce((low, next) => (next.price < low.price ? next : low));
    const before = this.cell(lowest.row, 'oldPrice') === '' ? 0 : this.price(lowest.row, 'oldPrice');
    return { price: lowest.price, oldPrice: before > lowest.price ? before : null };
  }

  private price(row: CsvRow, field: 'price' | 'oldPrice'): number {
    const found = readPrice(this.cell(row, field), this.rules.currency);
    if (typeof found === 'number') return found;
    this.problem(found, field, row);
    return 0;
  }

  categoryWords(): string[] {
    const of = (field: Field) => {
      const row = this.filled(field);
      return row ? this.cell(row, field) : '';
    };
    return categoryWords(of('category'), of('type'), of('tags'));
  }

  isHidden(): boolean {
    const status = this.filled('status');
    const published = this.filled('published');
    if (status && ['archived', 'draft', 'unlisted'].includes(this.cell(status, 'status').toLowerCase()))
      return true;
    return (
      published !== undefined &&
      ['false', 'no', '0'].includes(this.cell(published, 'published').toLowerCase())
    );
  }
}
