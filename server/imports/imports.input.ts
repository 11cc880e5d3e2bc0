import { z } from 'zod';
import { defineList } from '../http/list-query.ts';
import { FIELDS, type Field, type Mapping, REQUIRED } from './columns.ts';
import { csvFormat } from './csv/csv-format.ts';

export const IMPORT_STATES = ['uploaded', 'checked', 'queued', 'running', 'done', 'failed'] as const;
export type ImportState = (typeof IMPORT_STATES)[number];

export const importList = defineList({
  sorts: {
    created: { field: 'createdAt', kind: 'instant' },
    file: { field: 'fileName', kind: 'text' },
  },
  sort: 'created',
  dir: 'desc',
  filters: { state: z.enum(IMPORT_STATES).optional() },
});

/** Problems of one import, in the order of the file. */
export const problemList = defineList({
  sorts: { row: { field: 'row', kind: 'number' } },
  sort: 'row',
  dir: 'asc',
  filters: {},
  limit: 50,
});

/** What the person chooses about a file. */
const choices = {
  /** The language that titles and texts are written in; the other one is left for later. */
  locale: z.enum(['en', 'ar']),
  /** Of several variants: the first one's price, or the lowest. */
  price: z.enum(['first', 'lowest']),
  /** Products that the file calls archived, a draft or unpublished. */
  hidden: z.enum(['skip', 'import']),
  /** Whether offers that lack nothing are handed to moderation at once; each takes a place of the plan's. */
  submission: z.enum(['none', 'complete']).default('none'),
};

export const ACTIONS = ['create', 'update', 'skip', 'fail'] as const;

export const importOptions = z.object({
  ...choices,
  format: csvFormat,
  rows: z.number().int(),
  /** What the check found for the first products, so that its page agrees with its counts. */
  actions: z.array(z.enum(ACTIONS)).optional(),
});
export type ImportOptions = z.output<typeof importOptions>;

export const importMapping = z.partialRecord(
  z.enum(FIELDS),
  z.number().int().min(0),
) satisfies z.ZodType<Mapping>;

type ColumnForm = Record<`column-${Field}`, number | undefined>;

/** The mapping form of a file with so many columns; selects send '' for "none". */
export function mappingForm(columns: number) {
  const chosen = z
    .string()
    .regex(/^\d{1,3}$/, { error: 'form:notOffered' })
    .transform(Number)
    .refine((column) => column < columns, { error: 'form:notOffered' });
  const none = z.literal('').transform(() => undefined);
  const required = z.string().min(1).pipe(chosen);
  const shape = FIELDS.map((field) => [
    `column-${field}`,
    REQUIRED.includes(field) ? required : none.or(chosen).optional(),
  ]);
  return z
    .strictObject({ ...choices, ...Object.fromEntries(shape) })
    .transform((form) => form as unknown as Choices & ColumnForm)
    .refine((form) => form['column-oldPrice'] !== form['column-price'], {
      path: ['column-oldPrice'],
      error: 'imports:samePriceColumn',
    })
    .transform(({ locale, price, hidden, submission, ...form }) => ({
      locale,
      price,
      hidden,
      submission,
      mapping: toMapping(form),
    }));
}

type Choices = Pick<ImportOptions, 'locale' | 'price' | 'hidden' | 'submission'>;
export type MappingInput = z.output<ReturnType<typeof mappingForm>>;

function toMapping(form: ColumnForm): Mapping {
  const entries = FIELDS.map((field) => [field, form[`column-${field}`]] as const);
  return Object.fromEntries(entries.filter(([, column]) => column !== undefined));
}
