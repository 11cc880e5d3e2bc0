import type { Range } from './product.ts';

// Drawings: 0 bear, 1 blocks, 2 puzzle, 3 kite, 4 car, 5 train.
export const toys: Range = {
  products: [
    ['Soft bear, 40 cm', 'دب قماشي، 40 سم', 69, 0],
    ['Wooden blocks, 60 pieces', 'مكعبات خشبية، 60 قطعة', 89, 1],
    ['Map puzzle, 120 pieces', 'أحجية الخريطة، 120 قطعة', 45, 2],
    ['Falcon kite', 'طائرة ورقية على شكل صقر', 39, 3],
    ['Remote-control car', 'سيارة بجهاز تحكم', 149, 4],
    ['Train set with tracks', 'قطار مع سكة', 219, 5],
    ['Arabic letter blocks', 'مكعبات الحروف العربية', 75, 1],
    ['Camel soft toy', 'جمل قماشي', 59, 0],
    ['Magnetic tiles, 48 pieces', 'قطع مغناطيسية، 48 قطعة', 159, 1],
    ['Memory game', 'لعبة الذاكرة', 35, 2],
    ['Fire engine', 'سيارة إطفاء', 79, 4],
    ['Beach kite', 'طائرة ورقية للشاطئ', 49, 3],
    ['Floor puzzle for toddlers', 'أحجية أرضية للصغار', 55, 2],
    ['Building set, 500 pieces', 'طقم تركيب، 500 قطعة', 199, 1, 'gifts'],
    ['Metal cars, set of 5', 'سيارات معدنية، 5 قطع', 65, 4],
    ['Night-light bear', 'دب بإضاءة ليلية', 95, 0, 'home'],
    ['Wooden train', 'قطار خشبي', 85, 5],
    ['Board game for the family', 'لعبة عائلية', 110, 2],
    ['Ride-on car', 'سيارة ركوب', 349, 4],
    ['Desert railway, large set', 'طقم قطار الصحراء الكبير', 399, 5],
  ],
  sentences: [
    ['For children from three years.', 'للأطفال من عمر ثلاث سنوات.'],
    ['Tested and safe, with rounded edges.', 'مختبر وآمن وبحواف مستديرة.'],
    ['A gift that is played with for years.', 'هدية يلعبون بها لسنوات.'],
  ],
};
