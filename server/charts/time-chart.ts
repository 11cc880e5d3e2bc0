import { scaleLinear, scaleUtc } from 'd3-scale';
import { area, line } from 'd3-shape';
import { html, Markup } from '../http/markup.ts';
import type { ChartContext } from './charts.ts';

export interface Series {
  readonly label: string;
  readonly values: readonly number[];
}

export interface TimeChart {
  /** Unique on the page: ids of title and description are made from it. */
  readonly id: string;
  readonly title: string;
  /** One sentence that says what the picture shows. */
  readonly summary: string;
  readonly kind?: 'line' | 'area' | 'bar';
  readonly dates: readonly (Date | string)[];
  readonly series: readonly Series[];
  /** How a value reads; plain numbers when absent. */
  readonly format?: (value: number) => Markup;
  /** How many of the last dates may still change: their ground is shaded. */
  readonly late?: number;
  /** Stands in for the table of the chart's own series; '' for a page that has it elsewhere. */
  readonly table?: Markup | '';
}

const TOP = 5;
const SPAN = 83;
const PLOT = { width: 1000, height: 240 };

interface Frame {
  readonly chart: TimeChart;
  readonly rtl: boolean;
  /** Position of a date index or a value in the plot's own units. */
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
  readonly ticks: number[];
  readonly format: (value: number) => Markup;
}

/**
 * The frame is an SVG with percentages and text, so labels keep their size on a phone; the plot is an inner
 * SVG that stretches. In Arabic time runs right to left and the value axis stands on the right.
 */
export function timeChart(chart: TimeChart, context: ChartContext): Markup {
  const frame = layOut(chart, context);
  const ids = { title: `${chart.id}-title`, summary: `${chart.id}-summary` };
  return html`<figure class="chart" data-series="${chart.series.length}">
<figcaption class="chart-head"><span class="chart-title" id="${ids.title}">${chart.title}</span>${legend(chart)}</figcaption>
<p class="visually-hidden" id="${ids.summary}">${chart.summary}</p>
<div class="chart-frame" role="img" aria-labelledby="${ids.title}" aria-describedby="${ids.summary}">
${valueAxis(frame)}
<svg class="chart-field" aria-hidden="true">
${frame.ticks.map((tick) => html`<line class="chart-grid" x2="100%" y1="${tickY(frame, tick)}%" y2="${tickY(frame, tick)}%"/>`)}
<svg class="chart-plot" y="${TOP}%" width="100%" height="${SPAN}%" viewBox="0 0 ${PLOT.width} ${PLOT.height}" preserveAspectRatio="none">${lateGround(frame)}${chart.series.map((series, i) => drawSeries(frame, series, i))}</svg>
${dateTicks(frame, context)}
</svg>
</div>
${chart.table ?? table(frame, context)}
</figure>`;
}

function layOut(chart: TimeChart, { dir, fmt }: ChartContext): Frame {
  const rtl = dir === 'rtl';
  const times = chart.dates.map((date) => new Date(date).getTime());
  const range = rtl ? [PLOT.width, 0] : [0, PLOT.width];
  const inset = chart.kind === 'bar' ? PLOT.width / Math.max(times.length, 1) / 2 : 0;
  const inner = rtl ? [PLOT.width - inset, inset] : [inset, PLOT.width - inset];
  const time = scaleUtc(
    [times[0] ?? 0, times.at(-1) ?? 1],
    times.length > 1 ? inner : range.map(() => PLOT.width / 2),
  );
  const top = Math.max(...chart.series.flatMap((series) => series.values), 0) || 1;
  const value = scaleLinear([0, top], [PLOT.height, 0]).nice(4);
  const whole = value.ticks(4).filter((tick) => (top < 4 ? Number.isInteger(tick) : true));
  return {
    chart,
    rtl,
    x: (i) => round(time(times[i]!)),
    y: (v) => round(value(v)),
    ticks: whole,
    format: chart.format ?? fmt.compact,
  };
}

const round = (value: number) => Math.round(value * 10) / 10;
const tickY = ({ y }: Frame, tick: number) => round(TOP + (y(tick) / PLOT.height) * SPAN);

/** From half a step before the first of the dates that may change to the plot's end. */
function lateGround({ chart, rtl, x }: Frame): Markup {
  const count = Math.min(chart.late ?? 0, chart.dates.length);
  if (count === 0 || chart.dates.length < 2) return new Markup('');
  const first = chart.dates.length - count;
  const edge = first === 0 ? (rtl ? PLOT.width : 0) : round((x(first) + x(first - 1)) / 2);
  const [from, to] = rtl ? [0, edge] : [edge, PLOT.width];
  return html`<rect class="chart-late" x="${from}" y="0" width="${round(to - from)}" height="${PLOT.height}"/>`;
}

/** A column of its own at the start side, sized by its longest label, so that no label covers a value. */
function valueAxis(frame: Frame): Markup {
  const { ticks, rtl, format } = frame;
  const texts = ticks.map((tick) => format(tick).text);
  const longest = Math.max(...texts.map((text) => text.length));
  const size = longest <= 5 ? 's' : longest <= 8 ? 'm' : 'l';
  const [x, anchor] = rtl ? ['0', 'start'] : ['100%', 'end'];
  const labels = ticks.map(
    (tick, i) =>
      html`<text class="chart-tick" text-anchor="${anchor}" x="${x}" y="${tickY(frame, tick)}%" dy="0.35em">${isolated(texts[i]!, rtl)}</text>`,
  );
  return html`<svg class="chart-axis chart-axis-${size}" aria-hidden="true">${labels}</svg>`;
}

/** Ticks are laid out left to right so that anchors mean sides; an Arabic label is isolated inside. */
const isolated = (text: string, rtl: boolean) => (rtl ? `\u2067${text}\u2069` : text);

function drawSeries({ chart, x, y }: Frame, series: Series, index: number): Markup {
  const values = series.values as number[];
  if (chart.kind === 'bar') return bars({ chart, x, y }, values, index);
  const stroke = line<number>(
    (_, i) => x(i),
    (value) => y(value),
  )(values);
  const fill =
    chart.kind === 'area' &&
    area<number>(
      (_, i) => x(i),
      PLOT.height,
      (value) => y(value),
    )(values);
  const shade = fill ? html`<path class="chart-area" data-index="${index}" d="${fill}"/>` : new Markup('');
  return html`${shade}<path class="chart-line" data-index="${index}" d="${stroke}" vector-effect="non-scaling-stroke"/>`;
}

function bars({ chart, x, y }: Pick<Frame, 'chart' | 'x' | 'y'>, values: number[], index: number): Markup {
  const slot = PLOT.width / Math.max(values.length, 1);
  const width = round((slot * 0.72) / chart.series.length);
  const shift = (index - chart.series.length / 2) * width;
  const rects = values.map((value, i) => {
    const title = html`<title>${chart.series[index]!.label}: ${String(value)}</title>`;
    return html`<rect class="chart-bar" data-index="${index}" x="${round(x(i) + shift)}" y="${y(value)}" width="${width}" height="${round(PLOT.height - y(value))}">${title}</rect>`;
  });
  return html`${rects.length > 0 ? rects : ''}`;
}

/** About five at equal steps from the first; every second one yields on a phone. */
function dateTicks({ chart, x, rtl }: Frame, { fmt }: ChartContext): Markup[] {
  const last = chart.dates.length - 1;
  const step = Math.max(1, Math.round(last / 4));
  const picked = chart.dates.map((_, i) => i).filter((i) => i % step === 0);
  return picked.map((i, n) => {
    const at = round((x(i) / PLOT.width) * 100);
    const anchor = at < 6 ? 'start' : at > 94 ? 'end' : 'middle';
    const minor = n % 2 === 1 && picked.length > 3 ? ' chart-tick-minor' : '';
    const text = isolated(fmt.dayMonth(chart.dates[i]!).text, rtl);
    return html`<text class="chart-tick${minor}" text-anchor="${anchor}" x="${at}%" y="97%">${text}</text>`;
  });
}

function legend(chart: TimeChart): Markup {
  if (chart.series.length < 2) return new Markup('');
  const items = chart.series.map(
    (series, i) =>
      html`<li><svg class="chart-key" aria-hidden="true" data-index="${i}"><line x1="0" x2="100%" y1="50%" y2="50%"/></svg>${series.label}</li>`,
  );
  return html`<ul class="chart-legend">${items}</ul>`;
}

/** The same figures as a table: for those who can't or don't want to read the picture. */
function table({ chart, format }: Frame, { t, fmt }: ChartContext): Markup {
  const heads = chart.series.map((series) => html`<th scope="col" class="num">${series.label}</th>`);
  const rows = chart.dates.map((date, i) => {
    const cells = chart.series.map(
      (series) => html`<td class="num">${(chart.format ? format : fmt.number)(series.values[i] ?? 0)}</td>`,
    );
    return html`<tr><th scope="row">${fmt.date(date)}</th>${cells}</tr>`;
  });
  return html`<details class="chart-table"><summary>${t('common:chart.asTable')}</summary><div class="table-scroll" tabindex="0" role="region" aria-label="${chart.title}"><table class="table table-plain"><thead><tr><th scope="col">${t('common:chart.date')}</th>${heads}</tr></thead><tbody>${rows.length > 0 ? rows : ''}</tbody></table></div></details>`;
}
