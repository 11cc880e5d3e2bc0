import type { Range } from './product.ts';

// Drawings: 0 cup, 1 croissant, 2 cake, 3 coffee beans, 4 coffee pot, 5 bread.
export const cafe: Range = {
  products: [
    ['Flat white', 'فلات وايت', 16, 0],
    ['Butter croissant', 'كرواسون بالزبدة', 9, 1],
    ['Date cake, slice', 'قطعة كيك التمر', 19, 2],
    ['House beans, 250 g', 'بن البيت، 250 جم', 52, 3],
    ['Arabic coffee pot for four', 'دلة قهوة عربية لأربعة', 35, 4],
    ['Sourdough loaf', 'رغيف خبز بالخميرة الطبيعية', 22, 5],
    ['Iced latte', 'لاتيه مثلج', 18, 0],
    ['Breakfast for two', 'فطور لشخصين', 79, 5],
    ['Pistachio cake', 'كيك الفستق', 145, 2],
    ['Karak tea', 'شاي كرك', 8, 0],
    ['Zaatar manakish', 'مناقيش زعتر', 11, 5],
    ['Cheese croissant', 'كرواسون بالجبن', 12, 1],
    ['Yemeni beans, 250 g', 'بن يمني، 250 جم', 78, 3],
    ['Cardamom coffee, 500 g', 'قهوة بالهيل، 500 جم', 46, 3],
    ['Kunafa with cream', 'كنافة بالقشطة', 27, 2],
    ['Cappuccino and croissant', 'كابتشينو وكرواسون', 23, 1],
    ['Dallah and dates tray', 'صينية دلة وتمر', 59, 4],
    ['Maamoul, box of 12', 'معمول، علبة 12 حبة', 48, 2, 'gifts'],
    ['Cold brew, 1 l', 'قهوة باردة، 1 لتر', 38, 0],
    ['Burger buns, pack of 6', 'خبز برجر، 6 حبات', 13, 5],
    ['Brass dallah for the home', 'دلة نحاسية للمنزل', 129, 4, 'home'],
  ],
  sentences: [
    ['Roasted and baked in-house every day.', 'تحميص وخبز يومي لدينا.'],
    ['Eat in or take away, from opening until close.', 'في المقهى أو سفري طوال ساعات العمل.'],
    ['Show the coupon before you order.', 'أظهروا القسيمة قبل الطلب.'],
  ],
};
