import { html, type Markup } from '../http/markup.ts';

export interface AgainstRow {
  readonly label: string;
  /** Own value and the one that it is held against; null when there is none. */
  readonly own: number | null;
  readonly mark: number | null;
  /** Both in words, below the label. */
  readonly text: string;
}

/** Bars of own values, each with a stroke where the other value lies. All rows share one scale from zero. */
export function against(rows: readonly AgainstRow[], dir: 'ltr' | 'rtl'): Markup {
  const largest = Math.max(0, ...rows.flatMap(({ own, mark }) => [own ?? 0, mark ?? 0])) * 1.05 || 1;
  const at = (value: number) => Math.round((value / largest) * 1000) / 10;
  const from = (start: number) => (dir === 'rtl' ? Math.round((100 - start) * 10) / 10 : start);
  const items = rows.map(({ label, own, mark, text }) => {
    const width = at(own ?? 0);
    const stroke =
      mark === null
        ? ''
        : html`<line class="against-mark" x1="${from(at(mark))}%" x2="${from(at(mark))}%" y1="0" y2="100%"/>`;
    return html`<li class="against-row"><p class="against-head"><bdi>${label}</bdi></p><p class="against-text muted"><bdi>${text}</bdi></p><svg class="against-track" aria-hidden="true"><rect class="against-ground" y="30%" width="100%" height="40%" rx="3"/><rect class="bar-fill" x="${dir === 'rtl' ? from(width) : 0}%" y="30%" width="${width}%" height="40%" rx="3"/>${stroke}</svg></li>`;
  });
  return html`<ul class="against">${items}</ul>`;
}
