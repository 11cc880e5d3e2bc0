import type { Range } from './product.ts';

// Drawings: 0 phone, 1 laptop, 2 headphones, 3 television, 4 watch, 5 speaker.
export const electronics: Range = {
  products: [
    ['Smartphone 128 GB, dual SIM', 'هاتف ذكي 128 جيجابايت بشريحتين', 1099, 0],
    ['Laptop 14", 16 GB memory', 'حاسوب محمول 14 بوصة بذاكرة 16 جيجابايت', 2799, 1],
    ['Noise-cancelling headphones', 'سماعة رأس عازلة للضوضاء', 549, 2],
    ['4K television, 55"', 'تلفاز 4K مقاس 55 بوصة', 1899, 3],
    ['Fitness watch with GPS', 'ساعة رياضية بنظام تحديد المواقع', 399, 4],
    ['Portable speaker, waterproof', 'مكبر صوت محمول مقاوم للماء', 229, 5],
    ['Wireless earbuds', 'سماعات أذن لاسلكية', 179, 2],
    ['Power bank 20,000 mAh', 'شاحن متنقل 20000 مللي أمبير', 119, 0],
    ['USB-C fast charger 65 W', 'شاحن سريع USB-C بقدرة 65 واط', 89, 0],
    ['Tablet 11", 256 GB', 'جهاز لوحي 11 بوصة، 256 جيجابايت', 1349, 1],
    ['Soundbar with subwoofer', 'مكبر صوت شريطي مع مضخم', 699, 5],
    ['Gaming monitor 27"', 'شاشة ألعاب 27 بوصة', 999, 3],
    ['Mechanical keyboard, Arabic and English', 'لوحة مفاتيح ميكانيكية عربية وإنجليزية', 259, 1],
    ['Smartphone 256 GB, 5G', 'هاتف ذكي 256 جيجابايت، الجيل الخامس', 1999, 0],
    ['Kids watch with calls', 'ساعة أطفال مع مكالمات', 199, 4],
    ['Streaming stick 4K', 'جهاز بث 4K', 189, 3],
    ['Smart speaker, Arabic voice', 'مكبر صوت ذكي بالصوت العربي', 249, 5, 'home'],
    ['Laptop 16" for design', 'حاسوب محمول 16 بوصة للتصميم', 4999, 1],
    ['Over-ear studio headphones', 'سماعة استوديو', 429, 2],
    ['Smart watch, leather strap', 'ساعة ذكية بسوار جلدي', 799, 4, 'gifts'],
  ],
  sentences: [
    ['Two-year warranty, with exchange in any of our branches.', 'ضمان سنتين مع الاستبدال في أي من فروعنا.'],
    ['Original product with the invoice in Arabic and English.', 'منتج أصلي مع فاتورة بالعربية والإنجليزية.'],
    ['Try it in the branch before you buy.', 'جرّبوه في الفرع قبل الشراء.'],
  ],
};
