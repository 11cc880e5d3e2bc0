interface Embedded {
  readonly bulkhead: string;
  readonly key: string;
}

const WORDS = {
  en: {
    dir: 'ltr',
    title: 'Murooj Fresh Market',
    lead: 'Fruit and vegetables of the morning, every day from seven.',
    offers: 'This week',
    note: 'This page stands on an origin of its own, under a strict content security policy. One script tag brings the offers.',
    other: '<a href="/ar" lang="ar" hreflang="ar">العربية</a>',
  },
  ar: {
    dir: 'rtl',
    title: 'أسواق مروج الطازجة',
    lead: 'خضار وفواكه الصباح، كل يوم من السابعة.',
    offers: 'هذا الأسبوع',
    note: 'هذه الصفحة على نطاق مستقل وتحت سياسة أمان صارمة. وسم واحد يجلب العروض.',
    other: '<a href="/" lang="en" hreflang="en">English</a>',
  },
} as const;

/** The page of the shop. The key is of an alphabet that needs no escaping. */
export function page(locale: keyof typeof WORDS, { bulkhead, key }: Embedded): string {
  const { dir, title, lead, offers, note, other } = WORDS[locale];
  return `<!doctype html>
<html lang="${locale}" dir="${dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="stylesheet" href="/shop.css">
</head>
<body>
<header><p class="name">${title}</p><nav aria-label="${locale === 'ar' ? 'اللغة' : 'Language'}">${other}</nav></header>
<main>
<h1>${lead}</h1>
<p class="note">${note}</p>
<section aria-labelledby="offers">
<h2 id="offers">${offers}</h2>
<script src="${bulkhead}/widget.js" data-key="${key}" async></script>
</section>
</main>
</body>
</html>
`;
}

/** Deliberately unlike the portals: the widget has to look right in a page that knows nothing of them. */
export const STYLE = `
:root { color-scheme: light dark; }
* { box-sizing: border-box; }
body { margin: 0; background: light-dark(#fbf7f0, #1c1813); color: light-dark(#2b2118, #efe6da); font: 17px/1.6 Georgia, "Times New Roman", serif; }
header, main { max-width: 66rem; margin-inline: auto; padding: 1rem clamp(1rem, 4vw, 2.5rem); }
header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 1rem; border-block-end: 3px double light-dark(#b9862f, #8a6a32); }
.name { margin: 0; font-size: 1.4rem; font-weight: 700; }
a { color: light-dark(#7a4a00, #f0bf6a); }
h1 { max-width: 24ch; font-size: clamp(1.7rem, 5vw, 2.6rem); line-height: 1.2; }
.note { max-width: 60ch; color: light-dark(#6b5a48, #b9a88f); }
/* What a page may do to whatever stands in it; none of it may reach into the widget. */
button { text-transform: uppercase; letter-spacing: .2em; }
ul { margin: 3rem; }
h3 { color: crimson; }
`;
