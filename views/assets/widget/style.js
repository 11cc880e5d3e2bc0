/** Adopted as a constructed sheet, which the host page's `style-src` has no say in. Sizes hang on the reader's own. */
export const STYLE = `
:host { all: initial; display: block; }
.root {
  --bg: light-dark(#f3f5f8, #0f151c);
  --surface: light-dark(#fff, #17202a);
  --sunken: light-dark(#e9edf2, #212c38);
  --text: light-dark(#14202e, #e8edf2);
  --muted: light-dark(#475466, #a9b5c2);
  --line: light-dark(#d5dbe3, #2f3c4a);
  --border: light-dark(#76828f, #7d8b9a);
  --ok: light-dark(#116334, #74d99e);
  --ok-tint: light-dark(#def3e5, #12301f);
  --warn: light-dark(#7a4d00, #f2bd62);
  --warn-tint: light-dark(#fdf0d0, #362708);
  --error: light-dark(#a8201a, #ff9d94);
  --error-tint: light-dark(#fde5e2, #3d1512);
  --accent: light-dark(#0a665b, #63d4c1);
  --on-accent: light-dark(#fff, #032b26);
  --accent-tint: light-dark(#ddf1ed, #123a35);
  container-type: inline-size;
  display: block;
  padding: 1.25em;
  border: 1px solid var(--line);
  border-radius: 12px;
  background: var(--bg);
  color: var(--text);
  color-scheme: light dark;
  font: 400 1em/1.5 "IBM Plex Sans Arabic", system-ui, sans-serif;
  font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere;
  text-align: start;
}
.root[data-theme="light"] { color-scheme: light; }
.root[data-theme="dark"] { color-scheme: dark; }
.root:lang(ar) { line-height: 1.65; }
*, ::before, ::after { box-sizing: border-box; margin: 0; padding: 0; }
[hidden] { display: none !important; }
ul { list-style: none; }
h2, h3, h4, strong { font-weight: 600; }
button, input, select { font: inherit; color: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
[tabindex="-1"]:focus-visible { outline: none; }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.hint, s { color: var(--muted); font-size: .875em; }
.head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5em 1.5em; margin-block-end: 1em; }
.head h2 { font-size: 1.25em; line-height: 1.3; }
.head ul { display: flex; flex-wrap: wrap; gap: .25em; }
.tab { min-block-size: 2.75em; padding-inline: .75em; border: 0; border-radius: 12px; background: none; color: var(--muted); font-weight: 500; }
.tab:hover { color: var(--text); }
.tab[aria-current] { background: var(--accent-tint); color: var(--text); }
.main { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1em; justify-items: start; }
.main > * { max-inline-size: 100%; }
.main > :is(.results, .filters, .rows, [role="alert"]) { inline-size: 100%; }
.main[aria-busy] { opacity: .65; transition: opacity 120ms ease-out 150ms; }
.told:not(:empty) { margin-block-end: .75em; color: var(--muted); font-size: .875em; }
.told.bad { padding: .5em .75em; border: 1px solid; border-radius: 12px; background: var(--error-tint); color: var(--error); }
.filters { display: flex; flex-wrap: wrap; align-items: end; gap: .75em; }
.choice { display: grid; flex: 0 1 12em; gap: .25em; min-inline-size: 0; }
label { font-size: .875em; font-weight: 500; }
.button, .input { min-block-size: 2.75em; border: 1px solid var(--border); border-radius: 12px; background: var(--surface); max-inline-size: 100%; }
.button { display: inline-flex; align-items: center; justify-content: center; gap: .5em; padding: .25em 1em; font-weight: 500; line-height: 1.3; }
.button:hover { background: var(--sunken); }
.input { inline-size: 100%; padding: .25em .75em; }
.primary, .button[aria-pressed="true"] { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
.primary:hover, .button[aria-pressed="true"]:hover { background: var(--accent); filter: contrast(1.15); }
.button:disabled, .button[aria-disabled] { border-color: var(--line); background: var(--sunken); color: var(--muted); cursor: not-allowed; filter: none; }
.quiet { padding-inline: 0; border-color: transparent; background: none; color: var(--accent); }
.quiet:hover { background: none; text-decoration: underline; }
.danger { border-color: var(--error); color: var(--error); }
.icon { inline-size: 1em; block-size: 1em; fill: currentColor; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15em), 1fr)); gap: 1em; }
.card, .offer, .ticket { position: relative; overflow: clip; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); }
.card:hover { border-color: var(--border); }
.card:has(.open:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; }
.picture { display: block; inline-size: 100%; block-size: auto; aspect-ratio: 16 / 9; background: var(--sunken); object-fit: cover; }
div.picture { display: grid; place-items: center; padding: 1em; color: var(--muted); }
.body { display: grid; grid-template-columns: minmax(0, 1fr); gap: .25em; padding: 1em; }
.name { font-size: 1em; line-height: 1.4; }
.open { border: 0; background: none; font-weight: 600; text-align: start; }
.card .open::after, .row .open::after { content: ""; position: absolute; inset: 0; }
.card .open:focus-visible { outline: none; }
.price { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25em .5em; }
.price strong { font-size: 1.25em; }
.tag { padding-inline: .5em; border-radius: 4px; background: var(--ok-tint); color: var(--ok); font-size: .8125em; font-weight: 500; white-space: nowrap; }
.facts { display: flex; flex-wrap: wrap; gap: 0 .75em; color: var(--muted); font-size: .875em; }
.more { justify-self: center; margin-block-start: 1em; }
.results { display: grid; }
.empty { padding: 2em 1em; color: var(--muted); text-align: center; justify-self: center; }
.notice { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5em 1em; margin-block-end: 1em; padding: .75em 1em; border: 1px solid; border-radius: 12px; }
.notice .button { background: var(--surface); color: var(--text); }
.error { background: var(--error-tint); color: var(--error); }
.warn { background: var(--warn-tint); color: var(--warn); }
.title { font-size: 1.25em; line-height: 1.3; }
.offer { inline-size: 100%; }
.offer .body { gap: .75em; justify-items: start; padding: 1.25em; }
.offer h4 { font-size: .875em; }
.offer .primary { min-inline-size: 12em; }
.prose { white-space: pre-line; }
.plain { display: flex; flex-wrap: wrap; gap: .4em; font-size: .875em; }
.plain li { padding-inline: .6em; border: 1px solid var(--line); border-radius: 4px; }
@container (width < 30em) {
  .choice { flex: 1 1 8em; }
  .filters .button { flex: 1; }
}
@container (width >= 44em) {
  .offer { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); align-items: start; }
}
.form { display: grid; gap: 1em; inline-size: min(100%, 24em); }
.field { display: grid; gap: .25em; }
.wrong { color: var(--error); font-size: .875em; font-weight: 500; }
.wrong:empty { display: none; }
.input[aria-invalid] { border-color: var(--error); box-shadow: inset 0 0 0 1px var(--error); }
.check { display: flex; gap: .5em; align-items: start; }
.check input { flex: none; inline-size: 1.25em; block-size: 1.25em; margin-block-start: .1em; accent-color: var(--accent); }
.check label { font-size: 1em; font-weight: 400; }
.actions { display: flex; flex-wrap: wrap; gap: .5em; }
.rows { overflow: clip; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); }
.rows:empty { display: none; }
.row { position: relative; display: flex; flex-wrap: wrap; align-items: center; gap: .25em 1em; min-block-size: 3.5em; padding: .5em 1em; }
.row + .row { border-block-start: 1px solid var(--line); }
.row:hover { background: var(--bg); }
.row .open { flex: 1 1 12em; }
.row .open:focus-visible { outline-offset: -2px; }
.status { display: inline-block; padding: .1em .6em; border-radius: 4px; background: var(--sunken); color: var(--muted); font-size: .8125em; font-weight: 500; white-space: nowrap; }
.status.is-open, .status.is-redeemed { background: var(--ok-tint); color: var(--ok); }
.status::before { content: "●"; margin-inline-end: .4em; font-size: .7em; }
.status.is-redeemed::before { content: "✓"; font-size: 1em; }
.status.is-expired::before, .status.is-cancelled::before { content: "■"; }
.ticket { display: grid; gap: .5em; justify-items: center; justify-self: center; inline-size: min(100%, 24em); padding: 1.5em; text-align: center; }
.qr { inline-size: min(100%, 14em); padding: 0; border-radius: 8px; background: #fff; fill: #000; }
.code { font: 600 1.75em/1.3 ui-monospace, Menlo, Consolas, monospace; letter-spacing: .05em; }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
@media (forced-colors: active) {
  .status, .tag { border: 1px solid; }
  .tab[aria-current], .button[aria-pressed="true"] { border: 2px solid Highlight; }
  .qr { forced-color-adjust: none; }
}
`;
