import type { Drawings } from './drawing.ts';

const wheels = (xs: readonly number[], y: number, r: number, rim: string, hub: string) =>
  xs
    .map(
      (x) =>
        `<circle cx="${x}" cy="${y}" r="${r}" fill="${rim}"/><circle cx="${x}" cy="${y}" r="${r * 0.42}" fill="${hub}"/>`,
    )
    .join('');

export const sports: Drawings = [
  (c) =>
    `<circle cx="200" cy="210" r="170" fill="#fff"/><path d="M200 140l66 48-26 78h-80l-26-78z" fill="${c.dark}"/><path d="M200 140V50M266 188l92-30M240 266l56 80M160 266l-56 80M134 188l-92-30" stroke="${c.dark}" stroke-width="10"/>
     <path d="M150 48l50 30 50-30M350 250l-40 40 10 50M50 250l40 40-10 50" stroke="${c.accent}" stroke-width="14" fill="none"/>`,
  (c) =>
    `<rect x="110" y="206" width="180" height="48" fill="${c.light}"/><rect x="60" y="110" width="64" height="240" rx="18" fill="${c.dark}"/><rect x="276" y="110" width="64" height="240" rx="18" fill="${c.dark}"/>
     <rect x="14" y="150" width="50" height="160" rx="16" fill="${c.main}"/><rect x="336" y="150" width="50" height="160" rx="16" fill="${c.main}"/><path d="M140 230h120" stroke="${c.accent}" stroke-width="10" stroke-dasharray="2 20"/>`,
  (c) =>
    `<path d="M200 70l190 310H10z" fill="${c.main}"/><path d="M200 70l70 310H130z" fill="${c.dark}"/><path d="M200 170l36 210h-72z" fill="${c.accent}"/><path d="M200 70l-20-40M200 70l20-40" stroke="${c.dark}" stroke-width="12"/><path d="M90 250L10 380h60z" fill="#fff" fill-opacity=".25"/>`,
  (c) =>
    `<g transform="rotate(28 200 200)"><ellipse cx="200" cy="130" rx="110" ry="130" fill="${c.dark}"/><ellipse cx="200" cy="130" rx="86" ry="106" fill="${c.light}"/>
     <path d="M140 60v140M180 26v206M220 26v206M260 60v140M118 90h164M114 130h172M118 170h164" stroke="#fff" stroke-width="5"/><path d="M170 250l18 60h24l18-60z" fill="${c.main}"/><rect x="182" y="300" width="36" height="110" rx="16" fill="${c.accent}"/></g><circle cx="330" cy="330" r="40" fill="${c.main}"/>`,
  (c) =>
    `<rect x="120" y="100" width="160" height="280" rx="36" fill="${c.main}"/><rect x="140" y="30" width="120" height="80" rx="16" fill="${c.dark}"/><rect x="120" y="200" width="160" height="90" fill="${c.accent}"/><path d="M148 130v50" stroke="#fff" stroke-opacity=".6" stroke-width="14"/><path d="M280 140c60 0 60 110 0 110" stroke="${c.dark}" stroke-width="18" fill="none"/>`,
  (c) =>
    `<g fill="none" stroke-width="16"><circle cx="90" cy="290" r="82" stroke="${c.dark}"/><circle cx="310" cy="290" r="82" stroke="${c.dark}"/><path d="M90 290l70-130h110l40 130M160 160l50 130H90M210 290l60-130" stroke="${c.main}"/>
     <path d="M270 160l-10-50h50M130 130h60M160 160l-12-30" stroke="${c.accent}"/></g><circle cx="210" cy="290" r="20" fill="${c.accent}"/>`,
];

export const toys: Drawings = [
  (c) =>
    `<circle cx="110" cy="70" r="46" fill="${c.main}"/><circle cx="290" cy="70" r="46" fill="${c.main}"/><ellipse cx="200" cy="290" rx="120" ry="92" fill="${c.main}"/><circle cx="200" cy="140" r="112" fill="${c.main}"/><ellipse cx="200" cy="300" rx="70" ry="62" fill="${c.light}"/>
     <ellipse cx="200" cy="176" rx="50" ry="40" fill="${c.light}"/><circle cx="160" cy="124" r="12" fill="${c.dark}"/><circle cx="240" cy="124" r="12" fill="${c.dark}"/><ellipse cx="200" cy="162" rx="18" ry="12" fill="${c.dark}"/><circle cx="100" cy="356" r="34" fill="${c.main}"/><circle cx="300" cy="356" r="34" fill="${c.main}"/>
     <path d="M150 238h100l-50 24z" fill="${c.accent}"/>`,
  (c) =>
    `<rect x="40" y="230" width="150" height="150" rx="14" fill="${c.main}"/><rect x="210" y="230" width="150" height="150" rx="14" fill="${c.accent}"/><rect x="125" y="72" width="150" height="150" rx="14" fill="${c.dark}"/>
     <circle cx="115" cy="305" r="38" fill="${c.light}"/><path d="M285 264l42 74h-84z" fill="${c.light}"/><rect x="165" y="112" width="70" height="70" fill="${c.light}"/>`,
  (c) =>
    `<path d="M60 80h110c-20-60 80-60 60 0h110v110c60-20 60 80 0 60v110H230c20-60-80-60-60 0H60V250c60 20 60-80 0-60z" fill="${c.main}"/><path d="M60 80h110c-20-60 80-60 60 0h-30v140H60v-30c60 20 60-80 0-60z" fill="${c.accent}" fill-opacity=".8"/><path d="M200 80v280M60 220h280" stroke="#fff" stroke-width="8"/>`,
  (c) =>
    `<path d="M230 10l120 130-150 130L90 100z" fill="${c.main}"/><path d="M230 10L200 270 90 100z" fill="${c.accent}"/><path d="M90 100l260 40" stroke="#fff" stroke-width="7"/><path d="M200 270c-60 20 20 50-40 70s20 30-20 40" stroke="${c.dark}" stroke-width="8" fill="none"/><path d="M176 300l-34-10 6 30zM150 350l-34-6 12 28z" fill="${c.light}"/>`,
  (c) =>
    `<path d="M20 320v-70c0-30 20-40 60-46l50-74c10-14 20-20 40-20h90c20 0 34 6 46 22l50 72c30 6 44 16 44 46v70z" fill="${c.accent}"/><path d="M130 200l34-54c4-6 8-8 16-8h20v62zM216 138h40c8 0 14 2 18 8l34 54h-92z" fill="${c.light}"/>${wheels([110, 300], 326, 54, c.dark, '#fff')}`,
  (c) =>
    `<rect x="30" y="170" width="230" height="150" rx="20" fill="${c.main}"/><rect x="230" y="90" width="140" height="230" rx="16" fill="${c.dark}"/><rect x="256" y="120" width="88" height="70" rx="8" fill="${c.light}"/><path d="M70 170v-70h50v70z" fill="${c.accent}"/><path d="M60 100h70l12-34H48z" fill="${c.dark}"/>
     <rect x="20" y="300" width="360" height="30" fill="${c.accent}"/>${wheels([90, 190, 300], 336, 44, c.dark, c.light)}`,
];
