import type { ClientBase } from 'pg';
import { demoId } from './ids.ts';
import { insertRows } from './rows.ts';

export type CategorySlug =
  | 'grocery'
  | 'electronics'
  | 'fashion'
  | 'pharmacy'
  | 'home'
  | 'cafe'
  | 'beauty'
  | 'sports'
  | 'toys'
  | 'books'
  | 'gifts';

/** What a whole market sells. Gifts are a part of every range. */
export type RangeSlug = Exclude<CategorySlug, 'gifts'>;

export type PlanId = 'free' | 'basic' | 'pro';

interface Plan {
  readonly id: PlanId;
  readonly nameEn: string;
  readonly nameAr: string;
  /** SAR, in halalas. */
  readonly monthlyPrice: number;
  readonly maxBranches: number;
  readonly maxLiveOffers: number;
  readonly maxTeamMembers: number;
  readonly maxDevices: number;
  readonly maxSyncPushes: number;
  readonly maxMessages: number;
}

export const PLANS: readonly Plan[] = [
  {
    id: 'free',
    nameEn: 'Free',
    nameAr: 'مجانية',
    monthlyPrice: 0,
    maxBranches: 2,
    maxLiveOffers: 30,
    maxTeamMembers: 3,
    maxDevices: 1,
    maxSyncPushes: 1_000,
    maxMessages: 100,
  },
  {
    id: 'basic',
    nameEn: 'Basic',
    nameAr: 'أساسية',
    monthlyPrice: 29_900,
    maxBranches: 5,
    maxLiveOffers: 150,
    maxTeamMembers: 8,
    maxDevices: 5,
    maxSyncPushes: 10_000,
    maxMessages: 2_000,
  },
  {
    id: 'pro',
    nameEn: 'Pro',
    nameAr: 'احترافية',
    monthlyPrice: 89_900,
    maxBranches: 50,
    maxLiveOffers: 1_000,
    maxTeamMembers: 40,
    maxDevices: 100,
    maxSyncPushes: 200_000,
    maxMessages: 25_000,
  },
];

const CATEGORIES: readonly (readonly [CategorySlug, string, string])[] = [
  ['grocery', 'Groceries', 'البقالة'],
  ['electronics', 'Electronics', 'الإلكترونيات'],
  ['fashion', 'Fashion', 'الأزياء'],
  ['pharmacy', 'Pharmacy', 'الصيدلية'],
  ['home', 'Home', 'المنزل'],
  ['cafe', 'Cafés and bakeries', 'المقاهي والمخابز'],
  ['beauty', 'Beauty and perfume', 'الجمال والعطور'],
  ['sports', 'Sports and outdoors', 'الرياضة والرحلات'],
  ['toys', 'Toys', 'الألعاب'],
  ['books', 'Books and stationery', 'الكتب والقرطاسية'],
  ['gifts', 'Gifts', 'الهدايا'],
];

export function categoryId(slug: CategorySlug): string {
  return demoId('category', CATEGORIES.findIndex(([known]) => known === slug) + 1);
}

/** Plans and categories: not demo data, every installation needs them. Leaves what is there as it is. */
export async function writeCatalogue(client: ClientBase): Promise<void> {
  const planColumns = {
    id: 'text',
    name_en: 'text',
    name_ar: 'text',
    monthly_price: 'integer',
    currency: 'text',
    max_branches: 'integer',
    max_live_offers: 'integer',
    max_team_members: 'integer',
    max_devices: 'integer',
    max_sync_pushes: 'integer',
    max_messages: 'integer',
    position: 'integer',
  };
  const plans = PLANS.map((plan, position) => ({
    id: plan.id,
    name_en: plan.nameEn,
    name_ar: plan.nameAr,
    monthly_price: plan.monthlyPrice,
    currency: 'SAR',
    max_branches: plan.maxBranches,
    max_live_offers: plan.maxLiveOffers,
    max_team_members: plan.maxTeamMembers,
    max_devices: plan.maxDevices,
    max_sync_pushes: plan.maxSyncPushes,
    max_messages: plan.maxMessages,
    position: position + 1,
  }));
  await insertRows(client, 'plan', planColumns, plans, 'on conflict do nothing');
  const columns = { id: 'uuid', slug: 'text', name_en: 'text', name_ar: 'text', position: 'integer' };
  const categories = CATEGORIES.map(([slug, nameEn, nameAr], position) => ({
    id: categoryId(slug),
    slug,
    name_en: nameEn,
    name_ar: nameAr,
    position: position + 1,
  }));
  await insertRows(client, 'category', columns, categories, 'on conflict do nothing');
}
