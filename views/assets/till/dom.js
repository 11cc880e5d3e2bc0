const SVG = 'http://www.w3.org/2000/svg';
const sprite = document.body.dataset.icons;

/**
 * One element. Attributes that are functions become listeners, `null`, `undefined` and `false` are left out. Only nodes
 * and text are ever put in, so there is no HTML to inject.
 */
export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  set(element, attributes);
  element.append(
    ...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** An icon of the sprite; decorative, so a word always stands beside it. */
export function icon(name, kind = '') {
  const svg = document.createElementNS(SVG, 'svg');
  set(svg, { class: `icon ${kind}`.trim(), 'aria-hidden': 'true' });
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : value);
  }
}

/** A name of either language, which must not turn its surroundings around. */
export const bdi = (text) => h('bdi', null, text);

export const button = (label, glyph, click, attributes) =>
  h(
    'button',
    { type: 'button', class: 'till-button', ...attributes, click },
    glyph && icon(glyph),
    h('span', null, label),
  );

/** A field with its label, hint and complaint. */
export function field({ name, label, hint, error, ...attributes }) {
  const told = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(' ');
  const input = h('input', {
    ...{ id: name, name, class: 'till-input', autocomplete: 'off', 'aria-describedby': told || null },
    ...{ 'aria-invalid': error ? 'true' : null, ...attributes },
  });
  return h(
    'div',
    { class: 'till-field' },
    h('label', { for: name }, label),
    hint && h('p', { class: 'till-hint', id: `${name}-hint` }, hint),
    input,
    error &&
      h(
        'p',
        { class: 'till-wrong', id: `${name}-error`, role: 'alert' },
        icon('circle-alert'),
        h('span', null, error),
      ),
  );
}
