import type { Range } from './product.ts';

// Drawings: 0 shirt, 1 dress, 2 shoe, 3 handbag, 4 cap, 5 sunglasses.
export const fashion: Range = {
  products: [
    ['Cotton shirt, white', 'قميص قطني أبيض', 89, 0],
    ['Embroidered abaya', 'عباية مطرزة', 349, 1],
    ['Leather sandals', 'صندل جلدي', 159, 2],
    ['Everyday handbag', 'حقيبة يد يومية', 219, 3],
    ['Linen thobe, summer cut', 'ثوب كتان صيفي', 269, 0],
    ['Evening dress', 'فستان سهرة', 459, 1],
    ['Running-style trainers', 'حذاء رياضي يومي', 239, 2],
    ['Sunglasses with case', 'نظارة شمسية مع علبة', 149, 5],
    ['Baseball cap', 'قبعة رياضية', 49, 4],
    ['Silk scarf', 'وشاح حرير', 129, 1, 'gifts'],
    ['Polo shirts, pack of 2', 'قميصا بولو', 119, 0],
    ['Travel tote', 'حقيبة سفر خفيفة', 189, 3],
    ['Formal shoes', 'حذاء رسمي', 329, 2],
    ['Kids summer set', 'طقم أطفال صيفي', 95, 0],
    ['Pleated skirt', 'تنورة بكسرات', 139, 1],
    ['Denim jacket', 'جاكيت جينز', 199, 0],
    ['Crossbody bag', 'حقيبة كتف', 165, 3],
    ['Sun hat', 'قبعة شمس', 69, 4],
    ['School shoes', 'حذاء مدرسي', 119, 2],
    ['Reading glasses, light frame', 'نظارة قراءة بإطار خفيف', 79, 5],
    ['Cotton bathrobe', 'رداء حمام قطني', 119, 0, 'home'],
  ],
  sentences: [
    [
      'All sizes while stocks last, alterations free in the branch.',
      'جميع المقاسات حتى نفاد الكمية، والتعديل مجاني في الفرع.',
    ],
    ['From the new season, in four colours.', 'من تشكيلة الموسم الجديد بأربعة ألوان.'],
    ['Comfortable fabric, made for warm days.', 'قماش مريح يناسب الأيام الدافئة.'],
  ],
};
