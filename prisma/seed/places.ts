export type CountryCode = 'SA' | 'AE' | 'KW' | 'EG' | 'BH' | 'QA' | 'OM' | 'JO' | 'MA';

/** English, Arabic. */
type Name = readonly [string, string];

export interface City {
  readonly name: Name;
  readonly latitude: number;
  readonly longitude: number;
  readonly districts: readonly Name[];
}

export interface Country {
  readonly timeZone: string;
  readonly currency: string;
  /** Minor units in one unit: 1000 for dinars and rials, else 100. */
  readonly unit: number;
  /** Units of the currency for one Saudi riyal, roughly: list prices are noted in riyals. */
  readonly rate: number;
  /** Prices are rounded to this many minor units. */
  readonly step: number;
  readonly dialling: string;
  readonly cities: readonly City[];
}

const city = (name: Name, latitude: number, longitude: number, districts: readonly Name[]): City => ({
  name,
  latitude,
  longitude,
  districts,
});

export const COUNTRIES: Readonly<Record<CountryCode, Country>> = {
  SA: {
    timeZone: 'Asia/Riyadh',
    currency: 'SAR',
    unit: 100,
    rate: 1,
    step: 25,
    dialling: '+966 11',
    cities: [
      city(['Riyadh', 'الرياض'], 24.7136, 46.6753, [
        ['Olaya', 'العليا'],
        ['Al Malqa', 'الملقا'],
        ['Al Nakheel', 'النخيل'],
        ['Al Yasmin', 'الياسمين'],
      ]),
      city(['Jeddah', 'جدة'], 21.5433, 39.1728, [
        ['Al Rawdah', 'الروضة'],
        ['Al Hamra', 'الحمراء'],
        ['Al Salamah', 'السلامة'],
      ]),
      city(['Dammam', 'الدمام'], 26.4207, 50.0888, [
        ['Al Shati', 'الشاطئ'],
        ['Al Faisaliyah', 'الفيصلية'],
      ]),
      city(['Madinah', 'المدينة المنورة'], 24.4686, 39.6142, [['Quba', 'قباء']]),
    ],
  },
  AE: {
    timeZone: 'Asia/Dubai',
    currency: 'AED',
    unit: 100,
    rate: 0.98,
    step: 25,
    dialling: '+971 4',
    cities: [
      city(['Dubai', 'دبي'], 25.2048, 55.2708, [
        ['Jumeirah', 'جميرا'],
        ['Deira', 'ديرة'],
        ['Al Barsha', 'البرشاء'],
      ]),
      city(['Abu Dhabi', 'أبوظبي'], 24.4539, 54.3773, [
        ['Al Khalidiyah', 'الخالدية'],
        ['Al Reem Island', 'جزيرة الريم'],
      ]),
      city(['Sharjah', 'الشارقة'], 25.3463, 55.4209, [
        ['Al Majaz', 'المجاز'],
        ['Al Nahda', 'النهدة'],
      ]),
    ],
  },
  KW: {
    timeZone: 'Asia/Kuwait',
    currency: 'KWD',
    unit: 1000,
    rate: 0.082,
    step: 50,
    dialling: '+965',
    cities: [
      city(['Kuwait City', 'مدينة الكويت'], 29.3759, 47.9774, [
        ['Sharq', 'شرق'],
        ['Al Mirqab', 'المرقاب'],
      ]),
      city(['Salmiya', 'السالمية'], 29.3339, 48.0761, [['Salem Al Mubarak Street', 'شارع سالم المبارك']]),
      city(['Hawally', 'حولي'], 29.3328, 48.0286, [
        ['Tunis Street', 'شارع تونس'],
        ['Jabriya', 'الجابرية'],
      ]),
    ],
  },
  EG: {
    timeZone: 'Africa/Cairo',
    currency: 'EGP',
    unit: 100,
    rate: 13,
    step: 500,
    dialling: '+20 2',
    cities: [
      city(['Cairo', 'القاهرة'], 30.0444, 31.2357, [
        ['Zamalek', 'الزمالك'],
        ['Maadi', 'المعادي'],
        ['Nasr City', 'مدينة نصر'],
        ['Heliopolis', 'مصر الجديدة'],
      ]),
      city(['Giza', 'الجيزة'], 30.0131, 31.2089, [['Dokki', 'الدقي']]),
      city(['Alexandria', 'الإسكندرية'], 31.2001, 29.9187, [
        ['Smouha', 'سموحة'],
        ['Sidi Gaber', 'سيدي جابر'],
      ]),
    ],
  },
  BH: {
    timeZone: 'Asia/Bahrain',
    currency: 'BHD',
    unit: 1000,
    rate: 0.1,
    step: 50,
    dialling: '+973',
    cities: [
      city(['Manama', 'المنامة'], 26.2285, 50.586, [
        ['Adliya', 'العدلية'],
        ['Seef', 'السيف'],
        ['Juffair', 'الجفير'],
      ]),
      city(['Muharraq', 'المحرق'], 26.2572, 50.6119, [['Old Souq', 'السوق القديم']]),
    ],
  },
  QA: {
    timeZone: 'Asia/Qatar',
    currency: 'QAR',
    unit: 100,
    rate: 0.97,
    step: 25,
    dialling: '+974',
    cities: [
      city(['Doha', 'الدوحة'], 25.2854, 51.531, [
        ['West Bay', 'الخليج الغربي'],
        ['Al Sadd', 'السد'],
        ['Al Waab', 'الوعب'],
      ]),
      city(['Lusail', 'لوسيل'], 25.4182, 51.4903, [['Marina District', 'منطقة المارينا']]),
      city(['Al Wakrah', 'الوكرة'], 25.1659, 51.5976, [['Souq Waterfront', 'واجهة السوق']]),
    ],
  },
  OM: {
    timeZone: 'Asia/Muscat',
    currency: 'OMR',
    unit: 1000,
    rate: 0.103,
    step: 50,
    dialling: '+968',
    cities: [
      city(['Muscat', 'مسقط'], 23.588, 58.3829, [
        ['Al Khuwair', 'الخوير'],
        ['Qurum', 'القرم'],
        ['Seeb', 'السيب'],
      ]),
      city(['Salalah', 'صلالة'], 17.0151, 54.0924, [['Al Haffa', 'الحافة']]),
    ],
  },
  JO: {
    timeZone: 'Asia/Amman',
    currency: 'JOD',
    unit: 1000,
    rate: 0.19,
    step: 50,
    dialling: '+962 6',
    cities: [
      city(['Amman', 'عمّان'], 31.9539, 35.9106, [
        ['Sweifieh', 'الصويفية'],
        ['Jabal Al Weibdeh', 'جبل اللويبدة'],
        ['Abdoun', 'عبدون'],
      ]),
      city(['Irbid', 'إربد'], 32.5556, 35.85, [['University Street', 'شارع الجامعة']]),
    ],
  },
  MA: {
    timeZone: 'Africa/Casablanca',
    currency: 'MAD',
    unit: 100,
    rate: 2.5,
    step: 50,
    dialling: '+212 5',
    cities: [
      city(['Casablanca', 'الدار البيضاء'], 33.5731, -7.5898, [
        ['Maarif', 'المعاريف'],
        ['Gauthier', 'غوتييه'],
      ]),
      city(['Rabat', 'الرباط'], 34.0209, -6.8416, [['Agdal', 'أكدال']]),
    ],
  },
};
