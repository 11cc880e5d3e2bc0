import type { Drawings } from './drawing.ts';

export const electronics: Drawings = [
  (c) =>
    `<rect x="115" y="10" width="170" height="370" rx="28" fill="${c.dark}"/><rect x="128" y="26" width="144" height="338" rx="16" fill="${c.main}"/>
     <path d="M128 250c50-60 90 20 144-40v138a16 16 0 0 1-16 16H144a16 16 0 0 1-16-16z" fill="${c.accent}"/><circle cx="200" cy="44" r="7" fill="${c.dark}"/>`,
  (c) =>
    `<rect x="60" y="90" width="280" height="200" rx="16" fill="${c.dark}"/><rect x="76" y="106" width="248" height="168" fill="${c.main}"/>
     <path d="M76 230c70-70 140 30 248-60v104H76z" fill="${c.accent}"/><path d="M20 300h360l-20 60c-4 14-12 20-26 20H66c-14 0-22-6-26-20z" fill="${c.light}"/>
     <rect x="150" y="300" width="100" height="16" rx="6" fill="${c.dark}" fill-opacity=".35"/>`,
  (c) =>
    `<path d="M70 260V210a130 130 0 0 1 260 0v50" stroke="${c.dark}" stroke-width="30" fill="none"/>
     <rect x="40" y="230" width="80" height="150" rx="36" fill="${c.main}"/><rect x="280" y="230" width="80" height="150" rx="36" fill="${c.main}"/>
     <rect x="100" y="244" width="26" height="122" rx="13" fill="${c.accent}"/><rect x="274" y="244" width="26" height="122" rx="13" fill="${c.accent}"/>`,
  (c) =>
    `<rect x="10" y="70" width="380" height="240" rx="14" fill="${c.dark}"/><rect x="24" y="84" width="352" height="212" fill="${c.main}"/>
     <path d="M24 250l90-90 70 70 60-50 132 116H24z" fill="${c.accent}"/><circle cx="310" cy="140" r="28" fill="${c.light}"/>
     <path d="M120 380l20-70h120l20 70" fill="${c.dark}"/>`,
  (c) =>
    `<path d="M140 20h120l14 100H126zM126 280h148l-14 100H140z" fill="${c.accent}"/><rect x="90" y="100" width="220" height="200" rx="54" fill="${c.dark}"/>
     <rect x="112" y="122" width="176" height="156" rx="36" fill="${c.main}"/><path d="M200 200v-50M200 200l38 24" stroke="#fff" stroke-width="12"/><rect x="308" y="180" width="20" height="40" rx="8" fill="${c.dark}"/>`,
  (c) =>
    `<rect x="100" y="30" width="200" height="350" rx="44" fill="${c.dark}"/><circle cx="200" cy="250" r="78" fill="${c.main}"/><circle cx="200" cy="250" r="36" fill="${c.accent}"/>
     <circle cx="200" cy="110" r="42" fill="${c.main}"/><circle cx="200" cy="110" r="18" fill="${c.light}"/>`,
];

export const home: Drawings = [
  (c) =>
    `<path d="M130 30h140l60 150H70z" fill="${c.accent}"/><rect x="188" y="180" width="24" height="170" fill="${c.dark}"/><rect x="120" y="346" width="160" height="34" rx="17" fill="${c.dark}"/>
     <path d="M150 30l-50 150h40l30-150z" fill="#fff" fill-opacity=".35"/>`,
  (c) =>
    `<rect x="50" y="140" width="300" height="160" rx="36" fill="${c.main}"/><rect x="10" y="200" width="80" height="150" rx="34" fill="${c.dark}"/><rect x="310" y="200" width="80" height="150" rx="34" fill="${c.dark}"/>
     <rect x="84" y="250" width="114" height="84" rx="20" fill="${c.light}"/><rect x="202" y="250" width="114" height="84" rx="20" fill="${c.light}"/><path d="M60 350v30M340 350v30" stroke="${c.dark}" stroke-width="18"/>
     <rect x="150" y="170" width="84" height="84" rx="16" transform="rotate(12 190 210)" fill="${c.accent}"/>`,
  (c) =>
    `<path d="M60 180h280v140a60 60 0 0 1-60 60H120a60 60 0 0 1-60-60z" fill="${c.main}"/><rect x="40" y="150" width="320" height="40" rx="20" fill="${c.dark}"/><path d="M90 150c10-70 210-70 220 0z" fill="${c.light}"/>
     <circle cx="200" cy="84" r="20" fill="${c.accent}"/><path d="M60 230H20M340 230h40" stroke="${c.dark}" stroke-width="26"/>`,
  (c) =>
    `<path d="M40 130c50 16 270 16 320 0 24 60 24 160 0 220-50-16-270-16-320 0-24-60-24-160 0-220z" fill="${c.light}"/><path d="M70 165c40 12 220 12 260 0 16 44 16 106 0 150-40-12-220-12-260 0-16-44-16-106 0-150z" fill="${c.accent}" fill-opacity=".75"/>
     <path d="M200 190l44 50-44 50-44-50z" fill="${c.main}"/>`,
  (c) =>
    `<path d="M150 130h100c0 40 70 70 70 150 0 60-40 100-120 100S80 340 80 280c0-80 70-110 70-150z" fill="${c.main}"/><rect x="136" y="110" width="128" height="28" rx="14" fill="${c.dark}"/><path d="M86 260c60 40 168 40 228 0" stroke="${c.light}" stroke-width="18" fill="none"/>
     <path d="M200 110C200 60 170 40 150 10M200 110c0-40 30-60 50-80" stroke="${c.accent}" stroke-width="12" fill="none"/><circle cx="150" cy="14" r="22" fill="${c.accent}"/><circle cx="254" cy="30" r="22" fill="${c.accent}"/>`,
  (c) =>
    `<path d="M70 110h210v220a50 50 0 0 1-50 50H120a50 50 0 0 1-50-50z" fill="${c.main}"/><path d="M280 160c70-10 90 30 84 70s-44 70-84 60" stroke="${c.main}" stroke-width="30" fill="none"/><ellipse cx="175" cy="112" rx="105" ry="22" fill="${c.dark}"/>
     <path d="M70 220h210v50H70z" fill="${c.accent}"/><path d="M90 245h170" stroke="#fff" stroke-width="10" stroke-dasharray="4 26"/>`,
];

export const books: Drawings = [
  (c) =>
    `<path d="M200 110C150 70 80 70 30 90v260c50-20 120-20 170 20 50-40 120-40 170-20V90c-50-20-120-20-170 20z" fill="#fff"/><path d="M200 110v260" stroke="${c.dark}" stroke-width="10"/><path d="M30 90v260l-14 20V104zM370 90v260l14 20V104z" fill="${c.main}"/>
     <path d="M60 140c40-10 80-6 112 10M60 190c40-10 80-6 112 10M60 240c40-10 80-6 112 10M340 140c-40-10-80-6-112 10M340 190c-40-10-80-6-112 10M340 240c-40-10-80-6-112 10" stroke="${c.accent}" stroke-width="9" fill="none"/>`,
  (c) =>
    [c.main, c.accent, c.dark]
      .map(
        (colour, i) =>
          `<g transform="rotate(${(i - 1) * 18} 200 380)"><rect x="${120 + i * 56}" y="110" width="48" height="270" fill="${colour}"/><path d="M${120 + i * 56} 110l24-80 24 80z" fill="${c.light}"/><path d="M${136 + i * 56} 58l8-28 8 28z" fill="${colour}"/></g>`,
      )
      .join(''),
  (c) =>
    `<rect x="80" y="30" width="250" height="350" rx="18" fill="${c.main}"/><rect x="80" y="30" width="56" height="350" rx="18" fill="${c.dark}"/><rect x="170" y="90" width="120" height="70" rx="8" fill="${c.light}"/>
     <path d="M300 30v350" stroke="${c.accent}" stroke-width="14"/><path d="M70 80h40M70 140h40M70 200h40M70 260h40M70 320h40" stroke="#fff" stroke-width="12"/>`,
  (c) =>
    `<circle cx="200" cy="170" r="130" fill="${c.main}"/><path d="M120 110c40-30 70 10 60 40s20 60-20 70-70-60-40-110zM230 80c50 0 80 50 70 80s-50 10-60-20-30-50-10-60zM240 220c30-10 60 0 50 30s-50 20-50-30z" fill="${c.accent}"/>
     <path d="M90 50a165 165 0 1 0 240 230" stroke="${c.dark}" stroke-width="14" fill="none"/><path d="M200 330v24M120 380c0-30 160-30 160 0z" stroke="${c.dark}" stroke-width="16" fill="${c.dark}"/>`,
  (c) =>
    `<path d="M90 380V170c0-80 50-120 110-120s110 40 110 120v210z" fill="${c.main}"/><path d="M150 60c0-60 100-60 100 0" stroke="${c.dark}" stroke-width="18" fill="none"/><rect x="120" y="240" width="160" height="120" rx="20" fill="${c.accent}"/>
     <path d="M120 280h160" stroke="${c.dark}" stroke-width="10"/><path d="M90 230H60v130h30M310 230h30v130h-30" fill="${c.dark}"/><rect x="150" y="130" width="100" height="26" rx="13" fill="${c.light}"/>`,
  (c) =>
    `<path d="M200 70c110 0 190 70 190 150 0 60-50 80-100 70-50-8-60 20-50 46 8 24-10 44-40 44-110 0-190-70-190-160S90 70 200 70z" fill="${c.light}"/><circle cx="110" cy="190" r="32" fill="${c.main}"/><circle cx="190" cy="140" r="32" fill="${c.accent}"/>
     <circle cx="285" cy="180" r="32" fill="${c.dark}"/><circle cx="120" cy="280" r="32" fill="#fff"/><path d="M210 300L350 30" stroke="${c.dark}" stroke-width="14"/><path d="M196 330l6-40 24 12z" fill="${c.main}"/>`,
];
