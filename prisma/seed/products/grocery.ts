import type { Range } from './product.ts';

// Drawings: 0 fruit, 1 carrot, 2 jar, 3 bottle, 4 sack, 5 carton.
export const grocery: Range = {
  products: [
    ['Red apples, 2 kg', 'تفاح أحمر، 2 كجم', 14, 0],
    ['Sukkari dates, 1 kg', 'تمر سكري، 1 كجم', 28, 5],
    ['Basmati rice, 5 kg', 'أرز بسمتي، 5 كجم', 46, 4],
    ['Extra virgin olive oil, 750 ml', 'زيت زيتون بكر ممتاز، 750 مل', 34, 3],
    ['Sidr honey, 500 g', 'عسل سدر، 500 جم', 95, 2, 'gifts'],
    ['Fresh carrots, 1 kg', 'جزر طازج، 1 كجم', 6, 1],
    ['Full-cream milk, 2 l', 'حليب كامل الدسم، 2 لتر', 11, 5],
    ['Labneh, 400 g', 'لبنة، 400 جم', 13, 2],
    ['Oranges for juice, 3 kg', 'برتقال للعصير، 3 كجم', 17, 0],
    ['Tahini, 800 g', 'طحينة، 800 جم', 22, 2],
    ['Chickpeas, 1 kg', 'حمص حب، 1 كجم', 12, 4],
    ['Free-range eggs, 30', 'بيض بلدي، 30 حبة', 24, 5],
    ['Pomegranate juice, 1 l', 'عصير رمان، 1 لتر', 15, 3],
    ['Local cucumbers, 1 kg', 'خيار بلدي، 1 كجم', 7, 1],
    ['Bananas, 1 kg', 'موز، 1 كجم', 6.5, 0],
    ['Wholewheat flour, 5 kg', 'دقيق قمح كامل، 5 كجم', 19, 4],
    ['Green olives, 600 g', 'زيتون أخضر، 600 جم', 16, 2],
    ['Spring water, 12 bottles', 'مياه نبع، 12 عبوة', 13, 3],
    ['Red lentils, 1 kg', 'عدس أحمر، 1 كجم', 10, 4],
    ['Mixed vegetables box', 'صندوق خضار مشكلة', 39, 1],
    ['Spice jars, set of 6', 'علب بهارات، 6 قطع', 45, 2, 'home'],
  ],
  sentences: [
    [
      'Picked this week and delivered to our branches every morning.',
      'قُطف هذا الأسبوع ويصل إلى فروعنا كل صباح.',
    ],
    ['A family favourite at a price for the whole month.', 'المفضل لدى العائلة بسعر يناسب الشهر كله.'],
    ['Stock up for the weekend table.', 'جهّزوا مائدة نهاية الأسبوع.'],
  ],
};
