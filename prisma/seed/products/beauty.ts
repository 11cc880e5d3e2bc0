import type { Range } from './product.ts';

// Drawings: 0 perfume, 1 lipstick, 2 cream, 3 brush, 4 soap, 5 mirror.
export const beauty: Range = {
  products: [
    ['Rose and oud perfume, 100 ml', 'عطر الورد والعود، 100 مل', 289, 0],
    ['Matte lipstick', 'أحمر شفاه مطفي', 59, 1],
    ['Argan face cream', 'كريم وجه بالأرغان', 119, 2],
    ['Make-up brushes, set of 8', 'طقم فرش مكياج، 8 قطع', 139, 3],
    ['Olive oil soap, pack of 4', 'صابون زيت الزيتون، 4 قطع', 36, 4],
    ['Lighted mirror', 'مرآة مضيئة', 159, 5, 'home'],
    ['Musk oil, 12 ml', 'دهن مسك، 12 مل', 75, 0],
    ['Nourishing lip balm', 'مرطب شفاه مغذ', 25, 1],
    ['Body butter, shea', 'زبدة الجسم بالشيا', 69, 2],
    ['Amber perfume, 50 ml', 'عطر العنبر، 50 مل', 179, 0],
    ['Hair brush, wooden', 'فرشاة شعر خشبية', 45, 3],
    ['Black soap for the bath', 'صابون أسود للحمام المغربي', 42, 4],
    ['Bakhoor, 100 g', 'بخور، 100 جم', 99, 0],
    ['Night repair serum', 'سيروم ليلي مجدد', 189, 2],
    ['Lip colour, set of 3', 'طقم أحمر شفاه، 3 ألوان', 129, 1],
    ['Travel mirror', 'مرآة سفر', 39, 5],
    ['Gift box, perfume and cream', 'صندوق هدية: عطر وكريم', 349, 0, 'gifts'],
    ['Laurel soap, pack of 6', 'صابون الغار، 6 قطع', 54, 4],
    ['Powder brush', 'فرشاة بودرة', 49, 3],
    ['Hand cream, almond', 'كريم يدين باللوز', 33, 2],
  ],
  sentences: [
    ['Samples are on the counter in every branch.', 'العينات متوفرة في كل فرع.'],
    ['Gift wrapping is free with this offer.', 'تغليف الهدايا مجاني مع هذا العرض.'],
    ['A gentle recipe without alcohol.', 'تركيبة لطيفة خالية من الكحول.'],
  ],
};
