import { html, type Markup } from '../http/markup.ts';

export interface BarItem {
  readonly label: string;
  readonly value: number;
  readonly href?: string;
}

/** A list where each amount is text first; the bar (drawn from the start side by CSS) only repeats it. */
export function barList(items: readonly BarItem[], format: (value: number) => Markup): Markup {
  const largest = Math.max(...items.map((item) => item.value), 0) || 1;
  const rows = items.map((item) => {
    const share = Math.round((Math.max(item.value, 0) / largest) * 1000) / 10;
    const label = item.href ? html`<a href="${item.href}">${item.label}</a>` : html`${item.label}`;
    return html`<li class="bar-row"><span class="bar-label"><bdi>${label}</bdi></span><span class="bar-value">${format(item.value)}</span><svg class="bar-track" aria-hidden="true"><rect class="bar-fill" width="${share}%" height="100%" rx="2"/></svg></li>`;
  });
  return html`<ul class="bar-list">${rows.length > 0 ? rows : ''}</ul>`;
}
