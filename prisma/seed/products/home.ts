import type { Range } from './product.ts';

// Drawings: 0 lamp, 1 sofa, 2 pot, 3 pillow, 4 vase, 5 mug.
export const home: Range = {
  products: [
    ['Bedside lamp', 'مصباح جانبي', 99, 0, 'home'],
    ['Two-seat sofa', 'أريكة بمقعدين', 1290, 1],
    ['Cooking pot set, 6 pieces', 'طقم قدور، 6 قطع', 279, 2],
    ['Feather-soft pillow', 'وسادة ناعمة', 59, 3],
    ['Ceramic vase', 'مزهرية خزفية', 85, 4],
    ['Mugs, set of 6', 'طقم أكواب، 6 قطع', 69, 5],
    ['Floor lamp, brass', 'مصباح أرضي نحاسي', 249, 0],
    ['Cotton bed linen, king', 'مفرش سرير قطني كبير', 229, 3],
    ['Majlis cushions, set of 4', 'مساند مجلس، 4 قطع', 319, 3],
    ['Frying pan 28 cm', 'مقلاة 28 سم', 89, 2],
    ['Dinner set, 24 pieces', 'طقم سفرة، 24 قطعة', 349, 5],
    ['Armchair', 'كرسي بذراعين', 690, 1],
    ['Incense burner', 'مبخرة', 119, 4],
    ['Pressure cooker 8 l', 'قدر ضغط 8 لتر', 259, 2],
    ['Desk lamp, dimmable', 'مصباح مكتب بإضاءة متدرجة', 129, 0],
    ['Throw blanket', 'بطانية خفيفة', 109, 3],
    ['Tea glasses, set of 12', 'طقم استكانات، 12 قطعة', 55, 5, 'gifts'],
    ['Corner sofa', 'أريكة زاوية', 2490, 1],
    ['Plant pot, large', 'أصيص نباتات كبير', 75, 4],
    ['Baking trays, set of 3', 'صواني خبز، 3 قطع', 79, 2],
  ],
  sentences: [
    ['Delivery and fitting within the city are included.', 'التوصيل والتركيب داخل المدينة مشمولان.'],
    ['See the whole range on display in our branches.', 'شاهدوا التشكيلة كاملة معروضة في فروعنا.'],
    ['Made to last, with a one-year guarantee.', 'صُنع ليدوم مع ضمان لمدة سنة.'],
  ],
};
