/** Colours of one category's pictures. */
export interface Palette {
  readonly sky: string;
  readonly ground: string;
  readonly main: string;
  readonly dark: string;
  readonly light: string;
  readonly accent: string;
}

/** A product as SVG elements in a box of 400 by 400, standing on y = 380. */
export type Drawing = (colour: Palette) => string;

/** Six drawings, in the order that the products of the category count them. */
export type Drawings = readonly [Drawing, Drawing, Drawing, Drawing, Drawing, Drawing];

/** A whole picture, 800 by 600: a soft background, a shadow, the product. */
export function pictureSvg(draw: Drawing, colour: Palette): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600" viewBox="0 0 800 600">
  <defs>
    <linearGradient id="sky" x1="0" y1="0" x2="1" y2="1">
      <stop offset="0" stop-color="${colour.sky}"/><stop offset="1" stop-color="${colour.ground}"/>
    </linearGradient>
    <radialGradient id="glow"><stop offset="0" stop-color="#fff" stop-opacity=".75"/><stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient>
    <radialGradient id="shadow"><stop offset="0" stop-color="#000" stop-opacity=".28"/><stop offset="1" stop-color="#000" stop-opacity="0"/></radialGradient>
  </defs>
  <rect width="800" height="600" fill="url(#sky)"/>
  <circle cx="400" cy="280" r="300" fill="url(#glow)"/>
  <ellipse cx="400" cy="492" rx="230" ry="34" fill="url(#shadow)"/>
  <g transform="translate(200 110)" stroke-linejoin="round" stroke-linecap="round">${draw(colour)}</g>
</svg>`;
}
