import type { Range } from './product.ts';

// Drawings: 0 book, 1 pencil, 2 notebook, 3 globe, 4 backpack, 5 paint palette.
export const books: Range = {
  products: [
    ['Short stories for the evening', 'قصص قصيرة للمساء', 39, 0],
    ['Colouring pencils, 36', 'أقلام تلوين، 36 لونًا', 45, 1],
    ['Dotted notebook A5', 'دفتر منقط A5', 29, 2],
    ['Desk globe, bilingual', 'مجسم كرة أرضية بلغتين', 119, 3, 'home'],
    ['School backpack', 'حقيبة مدرسية', 149, 4],
    ['Watercolour set', 'طقم ألوان مائية', 69, 5],
    ['Arabic calligraphy for beginners', 'الخط العربي للمبتدئين', 55, 0],
    ['Calligraphy pens, set of 4', 'أقلام خط، 4 قطع', 49, 1],
    ['Planner for the year', 'مفكرة السنة', 59, 2],
    ['Illustrated atlas', 'أطلس مصور', 135, 3],
    ['Children’s picture books, set of 3', 'كتب أطفال مصورة، 3 كتب', 75, 0],
    ['Laptop backpack', 'حقيبة ظهر للحاسوب', 189, 4],
    ['Acrylic paints, 12', 'ألوان أكريليك، 12 لونًا', 79, 5],
    ['Exercise books, pack of 10', 'دفاتر مدرسية، 10 دفاتر', 35, 2],
    ['Cookbook of the Gulf', 'كتاب طبخ خليجي', 85, 0],
    ['Mechanical pencils, pair', 'قلما رصاص آليان', 25, 1],
    ['Family games and riddles', 'ألغاز وألعاب عائلية', 42, 0],
    ['Canvas and easel', 'لوحة قماشية وحامل', 129, 5],
    ['Leather notebook', 'دفتر جلدي', 99, 2, 'gifts'],
    ['Poetry anthology', 'مختارات شعرية', 48, 0],
  ],
  sentences: [
    ['Chosen by the people in our branches.', 'من اختيارات العاملين في فروعنا.'],
    ['For school, office and the desk at home.', 'للمدرسة والمكتب والبيت.'],
    ['Reserve by phone, collect the same day.', 'احجزوا بالهاتف واستلموا في اليوم نفسه.'],
  ],
};
