import { z } from 'zod';
import { text } from '../http/fields.ts';
import { defineList } from '../http/list-query.ts';

const MOST_ORIGINS = 20;
export const ENDINGS = ['now', 'day', 'week'] as const;
/** How long the old key of a rotation still holds, in hours: pages that are open or cached carry it. */
export const ENDING_HOURS: Record<(typeof ENDINGS)[number], number> = { now: 0, day: 24, week: 168 };

/** What a browser sends as Origin: scheme, host and port, in its own spelling. A path is what people paste along. */
const origin = z
  .string()
  .trim()
  .max(300)
  .transform((typed, issues) => {
    const read = URL.canParse(typed) ? new URL(typed) : null;
    const isOrigin =
      read && /^https?:$/.test(read.protocol) && !read.username && !read.password && !read.search;
    if (isOrigin && read.pathname === '/' && !read.hash) return read.origin;
    issues.addIssue({ code: 'custom', message: 'keys:badOrigin' });
    return z.NEVER;
  });

const origins = z
  .array(origin)
  .max(MOST_ORIGINS)
  .transform((list) => [...new Set(list)]);

/** A key as the API takes it. */
export const keyInput = z.object({
  name: text(60),
  origins: origins.default([]).meta({ description: 'Sites whose pages may use the key; empty for all' }),
});
export type KeyInput = z.output<typeof keyInput>;

/** The same as a form sends it: one origin a line. */
export const keyForm = z.object({
  name: text(60),
  origins: z
    .string()
    .max(8_000)
    .default('')
    .transform((typed, issues) => {
      const read = origins.safeParse(typed.split(/\s+/).filter(Boolean));
      if (read.success) return read.data;
      // One message for the one field that holds all the lines.
      for (const { path: _, ...issue } of read.error.issues.slice(0, 1))
        issues.addIssue({ ...issue, path: [] });
      return z.NEVER;
    }),
});

export const rotationInput = z.object({ ending: z.enum(ENDINGS) });

export const keyList = defineList({
  sorts: { created: { field: 'createdAt', kind: 'instant' }, name: { field: 'name', kind: 'text' } },
  sort: 'created',
  dir: 'desc',
  filters: {},
});
