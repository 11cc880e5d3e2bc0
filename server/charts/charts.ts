import type { Formats } from '../http/format.ts';
import type { Markup } from '../http/markup.ts';
import type { Translate } from '../i18n/i18n.ts';
import { type BarItem, barList } from './bars.ts';
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
}

/** The drawing helpers of one request's language and direction. */
export function charts(context: ChartContext): ChartKit {
  return {
    time: (chart) => timeChart(chart, context),
    spark: (values) => sparkline(values, context.dir),
    bars: (items, format = context.fmt.number) => barList(items, format),
  };
}
