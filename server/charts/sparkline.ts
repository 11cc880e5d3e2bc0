import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import { html, Markup } from '../http/markup.ts';

const WIDTH = 100;
const HEIGHT = 28;

/** The last value stands at the end side: on the left in Arabic. Empty for fewer than two values. */
export function sparkline(values: readonly number[], dir: 'ltr' | 'rtl'): Markup {
  if (values.length < 2) return new Markup('');
  const x = scaleLinear([0, values.length - 1], dir === 'rtl' ? [WIDTH, 0] : [0, WIDTH]);
  const y = scaleLinear([0, Math.max(...values, 1)], [HEIGHT - 2, 2]);
  const stroke = line<number>(
    (_, i) => x(i),
    (value) => y(value),
  )(values as number[]);
  const fill = area<number>(
    (_, i) => x(i),
    HEIGHT,
    (value) => y(value),
  )(values as number[]);
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><path class="spark-area" d="${fill}"/><path class="spark-line" d="${stroke}" vector-effect="non-scaling-stroke"/></svg>`;
}
