import type { Range } from './product.ts';

// Drawings: 0 ball, 1 dumbbell, 2 tent, 3 racket, 4 flask, 5 bicycle.
export const sports: Range = {
  products: [
    ['Match football, size 5', 'كرة قدم للمباريات، مقاس 5', 99, 0],
    ['Dumbbells, pair of 10 kg', 'دمبل زوجي، 10 كجم', 189, 1],
    ['Desert tent for four', 'خيمة بر لأربعة أشخاص', 429, 2],
    ['Padel racket', 'مضرب بادل', 349, 3],
    ['Insulated flask, 1 l', 'مطارة حافظة للحرارة، 1 لتر', 79, 4, 'home'],
    ['City bicycle, 7 gears', 'دراجة مدينة، 7 سرعات', 899, 5],
    ['Basketball, indoor', 'كرة سلة للصالات', 109, 0],
    ['Kettlebell 16 kg', 'كيتل بل 16 كجم', 149, 1],
    ['Beach shade, pop-up', 'مظلة شاطئ سريعة الفتح', 199, 2],
    ['Tennis racket, beginner', 'مضرب تنس للمبتدئين', 179, 3],
    ['Camping coffee set', 'طقم قهوة للرحلات', 125, 4, 'gifts'],
    ['Kids bicycle 16"', 'دراجة أطفال 16 بوصة', 459, 5],
    ['Volleyball', 'كرة طائرة', 85, 0],
    ['Yoga mat and blocks', 'سجادة يوغا مع مكعبات', 95, 1],
    ['Sleeping bag, three seasons', 'كيس نوم لثلاثة مواسم', 219, 2],
    ['Badminton set for two', 'طقم ريشة للاعبين', 89, 3],
    ['Sports bottles, set of 2', 'قارورتا رياضة', 45, 4],
    ['Mountain bicycle 27.5"', 'دراجة جبلية 27.5 بوصة', 1490, 5],
    ['Resistance bands, set', 'أحزمة مقاومة، طقم', 69, 1],
    ['Camping chairs, pair', 'كرسيا رحلات', 159, 2],
  ],
  sentences: [
    ['Ready for the cool season outdoors.', 'استعدوا لموسم البر.'],
    ['Our team adjusts it for you in the branch.', 'فريقنا يضبطه لكم في الفرع.'],
    ['Thirty days to change your mind.', 'ثلاثون يومًا للاستبدال.'],
  ],
};
