import type { PlanId, RangeSlug } from './catalogue.ts';
import { demoId } from './ids.ts';
import { COUNTRIES, type Country, type CountryCode } from './places.ts';

export interface DemoMarket {
  /** From 1; part of every id of the market's rows. */
  readonly number: number;
  readonly id: string;
  readonly slug: string;
  readonly nameEn: string;
  readonly nameAr: string;
  readonly country: Country;
  readonly category: RangeSlug;
  readonly plan: PlanId;
  readonly locale: 'en' | 'ar';
  readonly branches: number;
  readonly offers: number;
  /** Views on an average day. */
  readonly reach: number;
  readonly state: 'applied' | 'active' | 'suspended' | 'closed';
  readonly stateReason: string | null;
  /** Days ago that the market stopped being active. */
  readonly stoppedDaysAgo: number;
}

type Line = readonly [
  slug: string,
  nameEn: string,
  nameAr: string,
  country: CountryCode,
  category: RangeSlug,
  plan: PlanId,
  locale: 'en' | 'ar',
  branches: number,
  offers: number,
  reach: number,
];

// Invented names: none of these is meant to be a business that exists.
const LINES: readonly Line[] = [
  ['murooj', 'Murooj Fresh Market', 'أسواق مروج الطازجة', 'SA', 'grocery', 'pro', 'ar', 8, 20, 105],
  ['barq', 'Barq Electronics', 'برق للإلكترونيات', 'AE', 'electronics', 'pro', 'en', 6, 18, 84],
  ['thawb-and-thread', 'Thawb & Thread', 'ثوب وخيط', 'SA', 'fashion', 'basic', 'ar', 4, 14, 46],
  ['rukn-al-afiya', 'Afiya Corner Pharmacy', 'صيدلية ركن العافية', 'SA', 'pharmacy', 'pro', 'ar', 7, 16, 58],
  ['bayt-al-dallah', 'Dallah House Café', 'مقهى بيت الدلة', 'KW', 'cafe', 'basic', 'ar', 3, 12, 44],
  ['dar-and-decor', 'Dar & Decor', 'دار وديكور', 'KW', 'home', 'pro', 'en', 5, 15, 40],
  ['layan-beauty', 'Layan Beauty', 'ليان للتجميل', 'AE', 'beauty', 'basic', 'en', 4, 13, 38],
  ['waraqa', 'Waraqa Bookshop', 'مكتبة ورقة', 'EG', 'books', 'free', 'ar', 2, 9, 18],
  ['nile-basket', 'Nile Basket', 'سلة النيل', 'EG', 'grocery', 'pro', 'ar', 7, 19, 76],
  ['madar-sports', 'Madar Sports', 'مدار الرياضية', 'SA', 'sports', 'basic', 'ar', 5, 13, 42],
  ['little-palm', 'Little Palm Toys', 'ألعاب النخلة الصغيرة', 'AE', 'toys', 'free', 'en', 2, 10, 20],
  ['al-sikka', 'Sikka Coffee', 'قهوة السكة', 'SA', 'cafe', 'free', 'ar', 2, 8, 24],
  ['rawnaq', 'Rawnaq Perfumes', 'رونق للعطور', 'BH', 'beauty', 'basic', 'ar', 3, 12, 30],
  ['luqma', 'Luqma Bakery', 'مخبز لقمة', 'JO', 'cafe', 'basic', 'en', 4, 12, 36],
  ['souq-al-dar', 'Dar Home Souq', 'سوق الدار للمنزل', 'QA', 'home', 'pro', 'en', 5, 16, 48],
  ['hilal-mobile', 'Hilal Mobile', 'هلال موبايل', 'EG', 'electronics', 'basic', 'ar', 5, 14, 52],
  ['wadi-outdoor', 'Wadi Outdoor', 'وادي للرحلات', 'OM', 'sports', 'basic', 'en', 3, 11, 22],
  ['zahra-boutique', 'Zahra Boutique', 'بوتيك زهرة', 'KW', 'fashion', 'basic', 'en', 3, 13, 34],
  ['sanabil', 'Sanabil Organic', 'سنابل العضوية', 'AE', 'grocery', 'basic', 'en', 4, 14, 40],
  ['balsam', 'Balsam Pharmacy', 'صيدلية بلسم', 'KW', 'pharmacy', 'basic', 'ar', 4, 12, 32],
  ['atlas-pantry', 'Atlas Pantry', 'مؤونة الأطلس', 'MA', 'grocery', 'free', 'ar', 2, 8, 0],
  ['pixel-souk', 'Pixel Souk', 'سوق بكسل', 'SA', 'electronics', 'basic', 'en', 2, 8, 0],
  ['rukn-al-kutub', 'Book Corner', 'ركن الكتب', 'SA', 'books', 'basic', 'ar', 3, 12, 28],
  ['marsa-cafe', 'Marsa Café', 'مقهى المرسى', 'AE', 'cafe', 'free', 'en', 2, 10, 26],
];

type Standing = Pick<DemoMarket, 'state' | 'stateReason' | 'stoppedDaysAgo'>;
const active: Standing = { state: 'active', stateReason: null, stoppedDaysAgo: 0 };
const standings: Readonly<Record<string, Standing>> = {
  'atlas-pantry': { state: 'applied', stateReason: null, stoppedDaysAgo: 0 },
  'pixel-souk': { state: 'applied', stateReason: null, stoppedDaysAgo: 0 },
  'rukn-al-kutub': {
    state: 'suspended',
    stateReason: 'Prices in two branches did not match the published offers. Waiting for a correction.',
    stoppedDaysAgo: 12,
  },
  'marsa-cafe': {
    state: 'closed',
    stateReason: 'Closed at the request of the owner.',
    stoppedDaysAgo: 40,
  },
};

export const DEMO_MARKETS: readonly DemoMarket[] = LINES.map((line, index) => {
  const [slug, nameEn, nameAr, country, category, plan, locale, branches, offers, reach] = line;
  return {
    number: index + 1,
    id: demoId('market', index + 1),
    slug,
    nameEn,
    nameAr,
    country: COUNTRIES[country],
    category,
    plan,
    locale,
    branches,
    offers,
    reach,
    ...(standings[slug] ?? active),
  };
});
