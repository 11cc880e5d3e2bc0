import type { Drawing, Drawings } from './drawing.ts';

const bread: Drawing = (c) =>
  `<path d="M30 380V250c-40-70 40-140 170-140s210 70 170 140v130z" fill="${c.main}"/>
   <path d="M60 360V245c-28-52 40-105 140-105s168 53 140 105v115z" fill="${c.light}"/>
   <path d="M120 190l40 50M190 170l40 60M260 180l36 52" stroke="${c.main}" stroke-width="14" fill="none"/>`;

export const grocery: Drawings = [
  (c) =>
    `<path d="M200 130c-50-40-150-20-150 90 0 90 70 160 110 160 20 0 25-8 40-8s20 8 40 8c40 0 110-70 110-160 0-110-100-130-150-90z" fill="${c.accent}"/>
     <path d="M110 190c-20 30-15 80 5 110" stroke="#fff" stroke-opacity=".55" stroke-width="16" fill="none"/>
     <path d="M200 130c0-40 10-70 40-90" stroke="${c.dark}" stroke-width="14" fill="none"/>
     <path d="M215 80c20-40 70-50 100-30-20 40-60 50-100 30z" fill="${c.main}"/>`,
  (c) =>
    `<path d="M120 120h160l-60 245c-6 22-34 22-40 0z" fill="${c.accent}"/>
     <path d="M140 190h60M220 240h40M165 290h40" stroke="${c.dark}" stroke-opacity=".45" stroke-width="10"/>
     <path d="M200 120C150 90 130 50 140 15c40 15 55 50 60 105C205 65 220 30 265 15c5 40-20 80-65 105z" fill="${c.main}"/>`,
  (c) =>
    `<rect x="90" y="120" width="220" height="260" rx="36" fill="${c.light}"/>
     <path d="M90 210h220v134a36 36 0 0 1-36 36H126a36 36 0 0 1-36-36z" fill="${c.accent}"/>
     <rect x="105" y="70" width="190" height="58" rx="14" fill="${c.dark}"/>
     <rect x="130" y="230" width="140" height="90" rx="10" fill="#fff" fill-opacity=".85"/>
     <circle cx="200" cy="275" r="26" fill="${c.main}"/>`,
  (c) =>
    `<path d="M165 20h70v90c0 30 55 50 55 110v130a30 30 0 0 1-30 30H140a30 30 0 0 1-30-30V220c0-60 55-80 55-110z" fill="${c.main}"/>
     <rect x="160" y="4" width="80" height="38" rx="8" fill="${c.dark}"/>
     <rect x="110" y="235" width="180" height="95" fill="${c.light}"/>
     <circle cx="200" cy="282" r="30" fill="${c.accent}"/>
     <path d="M135 220c5-30 20-45 35-60" stroke="#fff" stroke-opacity=".5" stroke-width="12" fill="none"/>`,
  (c) =>
    `<path d="M85 90c30-26 200-26 230 0l25 240c4 36-14 50-40 50H100c-26 0-44-14-40-50z" fill="${c.light}"/>
     <path d="M85 90c-10-30 0-55 10-70 60 22 150 22 210 0 10 15 20 40 10 70-30 24-200 24-230 0z" fill="${c.main}"/>
     <ellipse cx="200" cy="240" rx="82" ry="72" fill="${c.accent}"/>
     <path d="M200 290v-90M200 230c-26 0-36-16-38-34 26 0 38 14 38 34zm0 0c26 0 36-16 38-34-26 0-38 14-38 34z" fill="#fff" stroke="#fff" stroke-width="6"/>`,
  (c) =>
    `<path d="M90 130l110-50 110 50v220a30 30 0 0 1-30 30H120a30 30 0 0 1-30-30z" fill="#fff"/>
     <path d="M90 130l110-50 110 50-30 30H120z" fill="${c.light}"/>
     <rect x="170" y="40" width="60" height="56" rx="10" fill="${c.accent}"/>
     <path d="M90 230c70-40 150 40 220 0v120a30 30 0 0 1-30 30H120a30 30 0 0 1-30-30z" fill="${c.main}"/>`,
];

export const cafe: Drawings = [
  (c) =>
    `<path d="M70 160h220v110c0 70-40 110-110 110S70 340 70 270z" fill="#fff"/>
     <path d="M290 190c60-14 80 20 70 60s-50 60-80 50" stroke="#fff" stroke-width="26" fill="none"/>
     <ellipse cx="180" cy="162" rx="110" ry="26" fill="${c.dark}"/><ellipse cx="180" cy="160" rx="70" ry="14" fill="${c.light}"/>
     <path d="M130 110c-20-30 20-40 0-75M190 110c-20-30 20-40 0-75M250 110c-20-30 20-40 0-75" stroke="${c.main}" stroke-opacity=".6" stroke-width="12" fill="none"/>`,
  (c) =>
    `<path d="M20 330c0-120 80-200 180-200s180 80 180 200c-30 40-70 30-90 0-20-40-50-55-90-55s-70 15-90 55c-20 30-60 40-90 0z" fill="${c.main}"/>
     <path d="M120 150l30 130M280 150l-30 130M60 220l70 70M340 220l-70 70" stroke="${c.dark}" stroke-opacity=".55" stroke-width="14"/>
     <path d="M140 160c40-16 80-16 120 0" stroke="${c.light}" stroke-width="14" fill="none"/>`,
  (c) =>
    `<path d="M40 230L360 170v60L40 290z" fill="#fff"/><path d="M40 230c70-120 200-140 320-60z" fill="${c.accent}"/>
     <path d="M40 290l320-60v70L40 380z" fill="${c.main}"/><path d="M40 328l320-64" stroke="${c.light}" stroke-width="16"/>
     <circle cx="210" cy="128" r="30" fill="${c.dark}"/>`,
  (c) =>
    `<path d="M100 80h200l24 270c2 20-10 30-28 30H104c-18 0-30-10-28-30z" fill="${c.main}"/>
     <path d="M100 80l14-50h172l14 50z" fill="${c.dark}"/>
     <g transform="rotate(-28 200 240)"><ellipse cx="200" cy="240" rx="62" ry="84" fill="${c.light}"/><path d="M200 160c-30 50 30 110 0 160" stroke="${c.dark}" stroke-width="12" fill="none"/></g>`,
  (c) =>
    `<path d="M150 120h110l50 200c8 40-14 60-50 60H150c-36 0-58-20-50-60z" fill="${c.accent}"/>
     <path d="M150 120c0-50 110-50 110 0z" fill="${c.main}"/><circle cx="205" cy="66" r="18" fill="${c.dark}"/>
     <path d="M120 240C60 220 60 150 10 130" stroke="${c.accent}" stroke-width="30" fill="none"/>
     <path d="M290 180c90-30 110 80 20 140" stroke="${c.dark}" stroke-width="20" fill="none"/>
     <path d="M112 300h196" stroke="${c.light}" stroke-width="14"/>`,
  bread,
];
