import { html, type Markup } from '../http/markup.ts';

export interface FunnelStep {
  readonly label: string;
  readonly value: number;
  /** What is said between this step and the one before, such as their ratio. */
  readonly note?: string;
}

/** Steps that narrow: each bar is a share of the first, drawn from the start side. */
export function funnel(
  steps: readonly FunnelStep[],
  format: (value: number) => Markup,
  dir: 'ltr' | 'rtl',
): Markup {
  const first = Math.max(steps[0]?.value ?? 0, ...steps.map(({ value }) => value)) || 1;
  const items = steps.map(({ label, value, note }) => {
    const width = Math.round((Math.max(value, 0) / first) * 1000) / 10;
    const x = dir === 'rtl' ? Math.round((100 - width) * 10) / 10 : 0;
    return html`<li class="funnel-step">${note ? html`<p class="funnel-note"><bdi>${note}</bdi></p>` : ''}<p class="funnel-head"><span>${label}</span><strong>${format(value)}</strong></p><svg class="funnel-track" aria-hidden="true"><rect class="bar-fill" x="${x}%" width="${width}%" height="100%" rx="3"/></svg></li>`;
  });
  return html`<ol class="funnel">${items}</ol>`;
}
