import { type Assets, FONTS } from '../http/assets.ts';
import { attrs, escapeHtml } from '../http/markup.ts';
import { LOCALES, type Messages } from '../i18n/i18n.ts';

export interface PageParts {
  readonly assets: Assets;
  readonly messages: Messages;
  /** Names this version; part of the address of every module. */
  readonly build: string;
  /** Under which address the server expects proofs. */
  readonly address: string;
}

/** What the page loads besides the till's own modules. */
export const pageAssets = ({ asset }: Assets): string[] =>
  ['css/till-page.css', 'icons.svg', 'img/favicon-partner.svg', ...FONTS].map(asset);

export const moduleAddress = (build: string, name: string): string => `/till/build/${build}/${name}`;

/**
 * The till's one page: the same for everybody, so that it can be kept and started without a network. Language, colours
 * and everything else come from what the device keeps.
 */
export function tillPage({ assets: { asset }, messages, build, address }: PageParts): string {
  const words = (key: string) =>
    LOCALES.map((locale) => {
      const say = messages.translator(locale);
      const direction = attrs({ lang: locale, dir: locale === 'ar' ? 'rtl' : 'ltr' });
      return `<p${direction}>${escapeHtml(say(key))}</p>`;
    }).join('');
  const data = { 'data-build': build, 'data-address': address, 'data-icons': asset('icons.svg') };
  return `<!doctype html>
<html lang="en" dir="ltr" data-portal="partner" data-theme="auto">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#0a665b">
<meta name="robots" content="noindex">
<title>${escapeHtml(messages.translator('en')('till:name'))}</title>
<link rel="manifest" href="/till/manifest.en.webmanifest">
<link rel="icon" type="image/svg+xml" href="${asset('img/favicon-partner.svg')}">
<link rel="apple-touch-icon" href="/till/icons/180.png">
<link rel="stylesheet" href="${asset('css/till-page.css')}">
<script type="module" src="${moduleAddress(build, 'main.js')}"></script>
</head>
<body class="till-page"${attrs({ ...data, 'data-state': 'plain' })}>
<header class="till-bar" id="bar"></header>
<div class="till-told" id="told" role="status"></div>
<main class="till-main" id="main"></main>
<div class="till-failed" id="failed" role="alert" hidden>${words('till:failed')}</div>
<noscript><div class="till-failed">${words('till:noScript')}</div></noscript>
</body>
</html>
`;
}
