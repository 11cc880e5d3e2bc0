import type { Drawing, Drawings } from './drawing.ts';

const creamJar: Drawing = (c) =>
  `<rect x="70" y="200" width="260" height="180" rx="40" fill="${c.light}"/><rect x="60" y="130" width="280" height="80" rx="22" fill="${c.main}"/><rect x="120" y="255" width="160" height="70" rx="12" fill="#fff"/>
   <path d="M150 290h100" stroke="${c.accent}" stroke-width="14"/><path d="M90 150h60" stroke="#fff" stroke-opacity=".6" stroke-width="14"/>`;

export const fashion: Drawings = [
  (c) =>
    `<path d="M130 50l-110 70 40 80 50-24v204h180V176l50 24 40-80-110-70c-20 36-120 36-140 0z" fill="#fff"/><path d="M130 50c20 36 120 36 140 0l-20-8c-20 18-80 18-100 0z" fill="${c.main}"/>
     <path d="M200 90v280" stroke="${c.main}" stroke-width="6"/><circle cx="214" cy="150" r="6" fill="${c.dark}"/><circle cx="214" cy="210" r="6" fill="${c.dark}"/><rect x="236" y="170" width="48" height="54" fill="${c.light}"/>`,
  (c) =>
    `<path d="M150 20h20c0 40 60 40 60 0h20l16 110-20 50 84 180c-80 26-180 26-260 0l84-180-20-50z" fill="${c.main}"/><path d="M154 180h92" stroke="${c.accent}" stroke-width="20"/>
     <path d="M120 300c50 20 110 20 160 0M98 340c70 24 134 24 204 0" stroke="${c.light}" stroke-width="8" fill="none"/>`,
  (c) =>
    `<path d="M20 320V180c40 20 80 10 100-30 60 60 110 100 190 110 50 8 70 30 70 60z" fill="${c.main}"/><path d="M14 320h372v24a36 36 0 0 1-36 36H50a36 36 0 0 1-36-36z" fill="#fff"/>
     <path d="M140 200l36-24M172 228l36-24M206 250l34-24" stroke="#fff" stroke-width="12"/><path d="M20 260c60 10 90 0 110-40" stroke="${c.accent}" stroke-width="16" fill="none"/>`,
  (c) =>
    `<path d="M60 180h280l30 180a18 18 0 0 1-18 20H48a18 18 0 0 1-18-20z" fill="${c.main}"/><path d="M130 200C130 40 270 40 270 200" stroke="${c.dark}" stroke-width="20" fill="none"/><path d="M60 180h280l10 60c-90 50-210 50-300 0z" fill="${c.dark}" fill-opacity=".35"/>
     <rect x="176" y="240" width="48" height="40" rx="8" fill="${c.accent}"/>`,
  (c) =>
    `<path d="M70 290c0-130 60-200 140-200s130 70 130 170z" fill="${c.main}"/><path d="M60 290c100-50 220-50 330 20 10 30-20 40-50 30-80-36-180-40-270-10-20 6-24-26-10-40z" fill="${c.dark}"/><circle cx="208" cy="88" r="14" fill="${c.accent}"/>
     <path d="M208 92c-40 50-50 110-50 170M208 92c40 50 56 100 60 164" stroke="${c.light}" stroke-width="6" fill="none"/>`,
  (c) =>
    `<path d="M20 200h360" stroke="${c.dark}" stroke-width="16"/><path d="M30 190h150c6 90-20 140-76 140S24 280 30 190zM220 190h150c6 90-18 140-74 140s-82-50-76-140z" fill="${c.main}"/><path d="M56 220l40-10-20 60zM248 220l40-10-20 60z" fill="#fff" fill-opacity=".6"/>
     <path d="M180 210c10-20 30-20 40 0" stroke="${c.dark}" stroke-width="16" fill="none"/>`,
];

export const pharmacy: Drawings = [
  (c) =>
    `<rect x="100" y="130" width="200" height="250" rx="26" fill="${c.light}"/><rect x="86" y="60" width="228" height="80" rx="18" fill="${c.main}"/><rect x="100" y="190" width="200" height="120" fill="#fff"/>
     <path d="M200 205v90M155 250h90" stroke="${c.accent}" stroke-width="26"/><path d="M130 74v52M170 74v52M230 74v52M270 74v52" stroke="${c.dark}" stroke-opacity=".4" stroke-width="8"/>`,
  (c) =>
    `<path d="M120 20h160l-20 270H140z" fill="#fff"/><rect x="116" y="10" width="168" height="26" rx="8" fill="${c.light}"/><rect x="150" y="290" width="100" height="90" rx="14" fill="${c.main}"/>
     <path d="M128 120h144l-6 80H134z" fill="${c.accent}"/><path d="M150 240h100" stroke="${c.main}" stroke-width="12"/>`,
  (c) =>
    `<rect x="30" y="130" width="340" height="250" rx="36" fill="${c.accent}"/><path d="M140 130c0-60 120-60 120 0" stroke="${c.dark}" stroke-width="24" fill="none"/><circle cx="200" cy="255" r="84" fill="#fff"/>
     <path d="M200 205v100M150 255h100" stroke="${c.accent}" stroke-width="34"/>`,
  (c) =>
    `<rect x="120" y="190" width="160" height="190" rx="30" fill="${c.main}"/><rect x="150" y="130" width="100" height="70" rx="10" fill="${c.dark}"/><path d="M170 130c-16-50-10-110 30-110s46 60 30 110z" fill="${c.light}"/>
     <rect x="120" y="240" width="160" height="90" fill="#fff"/><path d="M200 252c26 34 26 60 0 60s-26-26 0-60z" fill="${c.accent}"/>`,
  (c) =>
    `<g transform="rotate(35 200 200)"><rect x="150" y="0" width="100" height="300" rx="46" fill="#fff"/><rect x="168" y="60" width="64" height="100" rx="10" fill="${c.main}"/><circle cx="200" cy="210" r="20" fill="${c.accent}"/>
     <path d="M176 300h48l-10 70a14 14 0 0 1-28 0z" fill="${c.dark}"/><path d="M182 90h36M182 120h24" stroke="#fff" stroke-width="10"/></g>`,
  creamJar,
];

export const beauty: Drawings = [
  (c) =>
    `<rect x="80" y="170" width="240" height="210" rx="30" fill="${c.main}"/><rect x="104" y="230" width="192" height="126" rx="16" fill="${c.accent}" fill-opacity=".85"/><rect x="164" y="110" width="72" height="64" fill="${c.light}"/><rect x="144" y="30" width="112" height="90" rx="16" fill="${c.dark}"/>
     <path d="M110 196c10-8 30-8 50-8" stroke="#fff" stroke-opacity=".7" stroke-width="12" fill="none"/>`,
  (c) =>
    `<rect x="140" y="220" width="120" height="160" rx="12" fill="${c.dark}"/><rect x="152" y="160" width="96" height="66" fill="${c.light}"/><path d="M162 160V70c30-10 60-30 76-60v150z" fill="${c.accent}"/><path d="M140 260h120" stroke="${c.light}" stroke-width="10"/>`,
  creamJar,
  (c) =>
    `<g transform="rotate(24 200 200)"><rect x="182" y="190" width="36" height="200" rx="18" fill="${c.dark}"/><rect x="172" y="140" width="56" height="70" rx="10" fill="${c.light}"/><path d="M172 140c-40-60-20-120 28-140 48 20 68 80 28 140z" fill="${c.accent}"/><path d="M200 20v110M180 50l6 80M220 50l-6 80" stroke="#fff" stroke-opacity=".4" stroke-width="6"/></g>`,
  (c) =>
    `<rect x="50" y="210" width="300" height="170" rx="60" fill="${c.main}"/><rect x="90" y="240" width="220" height="100" rx="40" fill="${c.light}"/><circle cx="130" cy="130" r="44" fill="#fff" fill-opacity=".7"/><circle cx="220" cy="90" r="30" fill="#fff" fill-opacity=".6"/><circle cx="280" cy="150" r="36" fill="#fff" fill-opacity=".7"/>
     <path d="M150 290h100" stroke="${c.accent}" stroke-width="14"/>`,
  (c) =>
    `<circle cx="200" cy="160" r="140" fill="${c.main}"/><circle cx="200" cy="160" r="112" fill="#f6fbff"/><path d="M130 190l90-110M170 220l60-74" stroke="${c.light}" stroke-width="14"/><rect x="186" y="296" width="28" height="60" fill="${c.dark}"/><rect x="120" y="350" width="160" height="30" rx="15" fill="${c.dark}"/>`,
];
