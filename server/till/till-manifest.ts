import type { Locale } from '../http/format.ts';
import type { Translate } from '../i18n/i18n.ts';
import { ICON_SIZES } from './till-icons.ts';

/** What a device needs to know to put the till among its programs. */
export function tillManifest(locale: Locale, t: Translate): string {
  const icon = (file: string, size: number, purpose: 'any' | 'maskable') => ({
    ...{ src: `/till/icons/${file}.png`, sizes: `${size}x${size}`, type: 'image/png', purpose },
  });
  return JSON.stringify({
    id: '/till',
    name: t('till:name'),
    short_name: t('till:title'),
    description: t('till:description'),
    lang: locale,
    dir: locale === 'ar' ? 'rtl' : 'ltr',
    start_url: '/till',
    scope: '/till',
    display: 'standalone',
    background_color: '#f3f5f8',
    theme_color: '#0a665b',
    icons: [...ICON_SIZES.map((size) => icon(`${size}`, size, 'any')), icon('maskable-512', 512, 'maskable')],
  });
}
