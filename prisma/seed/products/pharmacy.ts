import type { Range } from './product.ts';

// Drawings: 0 pills, 1 tube, 2 first-aid kit, 3 dropper, 4 thermometer, 5 jar of cream.
export const pharmacy: Range = {
  products: [
    ['Vitamin D, 60 capsules', 'فيتامين د، 60 كبسولة', 49, 0],
    ['Sun cream SPF 50', 'واقي شمس بعامل حماية 50', 79, 1],
    ['First-aid kit for the car', 'حقيبة إسعافات للسيارة', 65, 2],
    ['Digital thermometer', 'ميزان حرارة رقمي', 35, 4],
    ['Hyaluronic serum', 'سيروم حمض الهيالورونيك', 89, 3],
    ['Baby cream, 250 ml', 'كريم أطفال، 250 مل', 32, 5],
    ['Multivitamin for adults', 'فيتامينات متعددة للكبار', 69, 0],
    ['Toothpaste, pack of 3', 'معجون أسنان، 3 عبوات', 29, 1],
    ['Blood pressure monitor', 'جهاز قياس ضغط الدم', 189, 4],
    ['Eye drops for dry eyes', 'قطرة لجفاف العين', 27, 3],
    ['Omega 3, 90 capsules', 'أوميغا 3، 90 كبسولة', 85, 0],
    ['Moisturiser for dry skin', 'مرطب للبشرة الجافة', 58, 5],
    ['Plasters, family pack', 'لاصقات جروح، عبوة عائلية', 15, 2],
    ['Zinc and vitamin C', 'زنك وفيتامين سي', 39, 0],
    ['Hand cream, pack of 2', 'كريم يدين، عبوتان', 31, 1],
    ['Nasal spray, sea water', 'بخاخ أنف بماء البحر', 24, 3],
    ['Collagen, 30 sachets', 'كولاجين، 30 ظرفًا', 129, 5],
    ['Elastic bandages, set', 'أربطة ضاغطة، طقم', 26, 2],
    ['Night cream, 50 ml', 'كريم ليلي، 50 مل', 99, 5],
    ['Infrared thermometer', 'ميزان حرارة بالأشعة', 109, 4],
    ['First-aid kit for the home', 'حقيبة إسعافات للمنزل', 79, 2, 'home'],
    ['Care set for mother and baby', 'طقم عناية للأم والطفل', 119, 5, 'gifts'],
  ],
  sentences: [
    ['Ask our pharmacists for advice in every branch.', 'استشيروا الصيدلي في أي فرع.'],
    ['Long expiry dates, stored as the maker asks.', 'تاريخ صلاحية طويل وتخزين وفق تعليمات المصنع.'],
    ['For the whole family.', 'لكل أفراد العائلة.'],
  ],
};
