import { z } from 'zod';
import { type AppError, conflict } from '../errors.ts';

/** Says that the change is meant although less is allowed then than is used. A form sends `on`. */
export const acceptOverLimit = z.preprocess(
  (value) => (value === 'on' ? true : value),
  z.boolean().default(false),
);

/** What would be over its limit after a change, told before the change is made: 409, and again with `acceptOverLimit`. */
export interface Overrun {
  readonly name: string;
  readonly use: number;
  readonly cap: number;
  /** Where the change is one of a plan. */
  readonly market?: { readonly id: string; readonly nameEn: string; readonly nameAr: string };
}

export function belowUse(overruns: readonly Overrun[]): AppError {
  const told = overruns.map(({ name, use, cap, market }) => ({
    name,
    use,
    cap,
    ...(market ? { market } : {}),
  }));
  return conflict('below-use', { count: overruns.length, overruns: told });
}

export const isBelowUse = (error: unknown): error is AppError =>
  (error as { code?: unknown } | null)?.code === 'below-use';
