import type { Formats } from '../http/format.ts';
import type { Markup } from '../http/markup.ts';
import type { Translate } from '../i18n/i18n.ts';
import { type AgainstRow, against } from './against.ts';
import { type BarItem, barList } from './bars.ts';
import { type FunnelStep, funnel } from './funnel.ts';
import { type HeatGrid, heatGrid } from './heat-grid.ts';
import { sparkline } from './sparkline.ts';
import { type TimeChart, timeChart } from './time-chart.ts';

export interface ChartContext {
  readonly t: Translate;
  readonly fmt: Formats;
  readonly dir: 'ltr' | 'rtl';
}

export interface ChartKit {
  /** Line, area or bars over time, with its data table. */
  readonly time: (chart: TimeChart) => Markup;
  /** A small line for a KPI; decorative, the figure beside it speaks. */
  readonly spark: (values: readonly number[]) => Markup;
  /** Named amounts as horizontal bars, longest first when given so. */
  readonly bars: (items: readonly BarItem[], format?: (value: number) => Markup) => Markup;
  /** Shaded cells in rows and columns. */
  readonly heat: (grid: HeatGrid) => Markup;
  /** Steps that narrow, with what is said between them. */
  readonly funnel: (steps: readonly FunnelStep[]) => Markup;
  /** Own values, each with a stroke where the other one lies. */
  readonly against: (rows: readonly AgainstRow[]) => Markup;
}

/** The drawing helpers of one request's language and direction. */
export function charts(context: ChartContext): ChartKit {
  return {
    time: (chart) => timeChart(chart, context),
    spark: (values) => sparkline(values, context.dir),
    heat: (grid) => heatGrid(grid, context),
    funnel: (steps) => funnel(steps, context.fmt.number, context.dir),
    against: (rows) => against(rows, context.dir),
    bars: (items, format = context.fmt.number) => barList(items, format),
  };
}
