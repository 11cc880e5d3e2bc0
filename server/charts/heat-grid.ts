import { html, type Markup } from '../http/markup.ts';
import type { ChartContext } from './charts.ts';

export interface HeatCell {
  /** Decides the shade; null is not known, and has none. */
  readonly value: number | null;
  /** How it reads: the tooltip, and in the cell when `isTold`. */
  readonly text: string;
}

export interface HeatGrid {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  /** One sentence that says what the picture shows. */
  readonly summary: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** One list a row; a row may end early. */
  readonly cells: readonly (readonly HeatCell[])[];
  /** Every n-th column has its label; 1 when absent. */
  readonly labelEvery?: number;
  /** Prints each cell's text in it. */
  readonly isTold?: boolean;
}

const ROW = 30;
const HEAD = 22;
const GAP = 2;
const SHADES = 5;

/** Columns begin at the start side: at the right in Arabic. Widths are shares, heights pixels, so texts keep their size. */
export function heatGrid(grid: HeatGrid, { dir }: Pick<ChartContext, 'dir'>): Markup {
  const rtl = dir === 'rtl';
  const height = HEAD + grid.rows.length * ROW;
  const ids = { title: `${grid.id}-title`, summary: `${grid.id}-summary` };
  return html`<figure class="chart">
<figcaption class="chart-head"><span class="chart-title" id="${ids.title}">${grid.title}</span></figcaption>
<p class="visually-hidden" id="${ids.summary}">${grid.summary}</p>
<div class="heat" role="img" aria-labelledby="${ids.title}" aria-describedby="${ids.summary}">
<svg class="chart-axis chart-axis-${axisSize(grid.rows)}" height="${height}" aria-hidden="true">${rowLabels(grid, rtl)}</svg>
<svg class="heat-field" height="${height}" aria-hidden="true">${columnLabels(grid, rtl)}${shades(grid, rtl)}</svg>
</div></figure>`;
}

const axisSize = (labels: readonly string[]): 's' | 'm' | 'l' => {
  const longest = Math.max(0, ...labels.map((label) => label.length));
  return longest <= 4 ? 's' : longest <= 8 ? 'm' : 'l';
};

const round = (value: number) => Math.round(value * 100) / 100;
const isolated = (text: string, rtl: boolean) => (rtl ? `\u2067${text}\u2069` : text);

/** Left edge and width of a column, in percent. */
function place({ columns }: HeatGrid, index: number, rtl: boolean): { x: number; width: number } {
  const width = 100 / Math.max(columns.length, 1);
  return { x: round(rtl ? 100 - (index + 1) * width : index * width), width: round(width) };
}

function rowLabels({ rows }: HeatGrid, rtl: boolean): Markup[] {
  const [x, anchor] = rtl ? ['0', 'start'] : ['100%', 'end'];
  return rows.map(
    (label, row) =>
      html`<text class="chart-tick" text-anchor="${anchor}" x="${x}" y="${HEAD + row * ROW + ROW / 2}" dy="0.35em">${isolated(label, rtl)}</text>`,
  );
}

function columnLabels(grid: HeatGrid, rtl: boolean): Markup[] {
  return grid.columns.flatMap((label, index) => {
    if (index % (grid.labelEvery ?? 1) !== 0) return [];
    const { x, width } = place(grid, index, rtl);
    const at = round(x + width / 2);
    return [
      html`<text class="chart-tick" text-anchor="middle" x="${at}%" y="${HEAD - 8}">${isolated(label, rtl)}</text>`,
    ];
  });
}

function shades(grid: HeatGrid, rtl: boolean): Markup[] {
  const largest = Math.max(0, ...grid.cells.flat().map(({ value }) => value ?? 0));
  return grid.cells.flatMap((cells, row) =>
    cells.map((cell, index) => {
      const { x, width } = place(grid, index, rtl);
      const shade = shadeOf(cell.value, largest);
      const y = HEAD + row * ROW;
      const text = grid.isTold
        ? html`<text class="heat-text" data-shade="${shade}" text-anchor="middle" x="${round(x + width / 2)}%" y="${y + ROW / 2}" dy="0.35em">${isolated(cell.text, rtl)}</text>`
        : '';
      return html`<rect class="heat-cell" data-shade="${shade}" x="${x}%" y="${y + GAP / 2}" width="${round(width - 0.25)}%" height="${ROW - GAP}" rx="2"><title>${grid.rows[row]} · ${grid.columns[index]}: ${cell.text}</title></rect>${text}`;
    }),
  );
}

/** 0 for nothing, then five steps up to the largest. */
function shadeOf(value: number | null, largest: number): number {
  if (value === null || value <= 0 || largest === 0) return 0;
  return Math.max(1, Math.ceil((value / largest) * SHADES));
}
