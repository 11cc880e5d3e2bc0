import { decimal } from '../../http/format.ts';
import type { OpenMarket } from '../open-request.ts';
import type { showBranch, showOffer } from '../storefront.answers.ts';

type Locale = 'en' | 'ar';
type ShownOffer = ReturnType<typeof showOffer>;
type ShownBranch = ReturnType<typeof showBranch>;

const DAYS = {
  ...{ sun: 'Sunday', mon: 'Monday', tue: 'Tuesday', wed: 'Wednesday' },
  ...{ thu: 'Thursday', fri: 'Friday', sat: 'Saturday' },
} as const;

const nameOf = (locale: Locale, { nameEn, nameAr }: OpenMarket) => (locale === 'ar' ? nameAr : nameEn);

/** The market as schema.org knows shops: one organisation, and each open branch a place of its own. */
export function businessData(locale: Locale, market: OpenMarket, url: string, branches: ShownBranch[]) {
  const organisation = { '@type': 'Organization', '@id': `${url}#market`, name: nameOf(locale, market), url };
  return [organisation, ...branches.map((branch) => branchData(locale, branch, organisation['@id']))];
}

function branchData(locale: Locale, branch: ShownBranch, organisation: string) {
  const { name, address, city, phone, latitude, longitude, hours } = branch;
  return {
    '@type': 'LocalBusiness',
    name: name[locale],
    parentOrganization: { '@id': organisation },
    address: { '@type': 'PostalAddress', streetAddress: address[locale], addressLocality: city },
    ...(phone ? { telephone: phone } : {}),
    ...(latitude === null || longitude === null
      ? {}
      : { geo: { '@type': 'GeoCoordinates', latitude, longitude } }),
    ...(hours.length > 0 ? { openingHoursSpecification: hours.map(opening) } : {}),
  };
}

const opening = ({ day, opens, closes }: ShownBranch['hours'][number]) => ({
  ...{ '@type': 'OpeningHoursSpecification', dayOfWeek: DAYS[day], opens, closes },
});

/** One offer; `url` is its own page. Prices in the currency's units. */
export function offerData(locale: Locale, market: OpenMarket, offer: ShownOffer, url: string, home: string) {
  const { title, text, price, currency, image, category, startsAt, endsAt, remaining, branches } = offer;
  const isSoldOut = remaining === 0;
  return {
    ...{ '@type': 'Offer', '@id': `${url}#offer`, url, name: title[locale], description: text[locale] },
    ...{ price: decimal(price, currency), priceCurrency: currency },
    availability: `https://schema.org/${isSoldOut ? 'SoldOut' : 'InStock'}`,
    ...(image ? { image: image.url } : {}),
    ...(category ? { category: category.name[locale] } : {}),
    ...(startsAt ? { validFrom: startsAt } : {}),
    ...(endsAt ? { validThrough: endsAt, priceValidUntil: String(endsAt).slice(0, 10) } : {}),
    seller: { '@type': 'Organization', '@id': `${home}#market`, name: nameOf(locale, market), url: home },
    availableAtOrFrom: branches.map(({ name }) => ({ '@type': 'Place', name: name[locale] })),
  };
}

export const listData = (offers: object[]) => ({
  '@type': 'ItemList',
  numberOfItems: offers.length,
  itemListElement: offers.map((item, index) => ({ '@type': 'ListItem', position: index + 1, item })),
});

export const graph = (...nodes: object[]) => ({ '@context': 'https://schema.org', '@graph': nodes });
