/** What a product's columns can mean here, in the order in which they are shown. */
export const FIELDS = [
  'handle',
  'title',
  'text',
  'price',
  'oldPrice',
  'category',
  'type',
  'tags',
  'status',
  'published',
] as const;
export type Field = (typeof FIELDS)[number];
export const REQUIRED: readonly Field[] = ['handle', 'title', 'price'];

/** Column numbers, from 0: names may come twice. */
export type Mapping = Partial<Record<Field, number>>;

/** Names as Shopify's exports have had them over the years, in small letters, then what people call them. */
const NAMES: Readonly<Record<Field, readonly string[]>> = {
  handle: ['handle', 'url handle', 'slug', 'product id', 'sku', 'variant sku', 'رمز المنتج'],
  title: ['title', 'name', 'product', 'product name', 'product title', 'العنوان', 'الاسم', 'اسم المنتج'],
  text: ['body (html)', 'body html', 'body', 'description', 'product description', 'الوصف', 'وصف المنتج'],
  price: ['variant price', 'price', 'السعر'],
  oldPrice: [
    'variant compare at price',
    'compare-at price',
    'compare at price',
    'old price',
    'السعر قبل الخصم',
  ],
  category: ['product category', 'category', 'standard product type', 'الفئة', 'التصنيف'],
  type: ['type', 'product type', 'custom product type', 'النوع'],
  tags: ['tags', 'الوسوم'],
  status: ['status', 'الحالة'],
  published: ['published', 'published on online store'],
};

const normal = (header: string): string => header.replace(/\s+/g, ' ').trim().toLowerCase();
const known = new Set(Object.values(NAMES).flat());

export const isKnownHeader = (header: string): boolean => known.has(normal(header));

/** The first column of the best-known name for each meaning. A regional price (`Price / Kuwait`) is not the price. */
export function guessMapping(headers: readonly string[]): Mapping {
  const normalized = headers.map(normal);
  const mapping: Mapping = {};
  for (const field of FIELDS) {
    const name = NAMES[field].find((candidate) => normalized.includes(candidate));
    if (name !== undefined) mapping[field] = normalized.indexOf(name);
  }
  return mapping;
}

/** Names that stand over more than one column; nothing can be told from them. */
export function repeatedHeaders(headers: readonly string[]): string[] {
  const seen = new Map<string, number>();
  for (const header of headers) if (header) seen.set(header, (seen.get(header) ?? 0) + 1);
  return [...seen].flatMap(([header, times]) => (times > 1 ? [header] : []));
}
