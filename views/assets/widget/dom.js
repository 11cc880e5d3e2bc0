const SVG = 'http://www.w3.org/2000/svg';

/**
 * One element. Attributes that are functions become listeners, `null`, `undefined` and `false` are left out. Only nodes
 * and text are ever put in, so there is no HTML to inject and nothing for Trusted Types to refuse.
 */
export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  set(element, attributes);
  element.append(
    ...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** A drawing of one path; decorative without a label. */
export function drawing(viewBox, path, attributes, label) {
  const svg = document.createElementNS(SVG, 'svg');
  set(svg, {
    viewBox,
    ...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': 'true' }),
    ...attributes,
  });
  const shape = document.createElementNS(SVG, 'path');
  shape.setAttribute('d', path);
  svg.append(shape);
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

export const button = (label, click, attributes) =>
  h('button', { type: 'button', class: 'button', ...attributes, click }, label);
