import { AppError } from '../errors.ts';

/** What plans limit. The first four are of what there is now, the others of what a month of the market's has. */
export const LIMITS = ['live_offers', 'branches', 'members', 'devices', 'sync_pushes', 'messages'] as const;
export type LimitName = (typeof LIMITS)[number];

export const STANDING = LIMITS.slice(0, 4);
export const isMonthly = (name: LimitName): boolean => !STANDING.includes(name);

/** The column of a plan that says how much. */
export const CAP_FIELD = {
  live_offers: 'maxLiveOffers',
  branches: 'maxBranches',
  members: 'maxTeamMembers',
  devices: 'maxDevices',
  sync_pushes: 'maxSyncPushes',
  messages: 'maxMessages',
} as const satisfies Record<LimitName, string>;

export type CapField = (typeof CAP_FIELD)[LimitName];
export type Caps = Record<CapField, number>;

export const LIMIT_STATES = ['ok', 'near', 'full', 'over'] as const;
export type LimitState = (typeof LIMIT_STATES)[number];

/** From here on pages and answers warn. */
const NEAR = 0.8;

export function limitState(use: number, cap: number): LimitState {
  if (use > cap) return 'over';
  if (use === cap) return 'full';
  return use >= cap * NEAR ? 'near' : 'ok';
}

export interface LimitUse {
  readonly name: LimitName;
  readonly use: number;
  readonly cap: number;
  /** What the plan alone would allow. */
  readonly planCap: number;
  /** Whether the cap is the market's own, and until when it holds. */
  readonly isOwn: boolean;
  readonly ownUntil: Date | null;
  readonly state: LimitState;
  /** The month `2026-11-01` that it is counted for; null for what there is now. */
  readonly month: string | null;
}

export type LimitUses = Record<LimitName, LimitUse>;

export interface LimitRefusal {
  readonly limit: LimitName;
  readonly use: number;
  readonly cap: number;
  readonly plan: string;
  /** Address of the page that says what is used and what can be done. */
  readonly upgrade: string;
}

/** What a plan's limit said when it refused; null for any other error. For those who go on with the next row. */
export function planLimitOf(error: unknown): LimitRefusal | null {
  if (!(error instanceof AppError) || error.code !== 'plan-limit') return null;
  return error.values as unknown as LimitRefusal;
}
