import { z } from 'zod';
import { type FieldErrors, invalid } from '../errors.ts';
import { type Cursor, decodeCursor, encodeCursor, type SortKind } from './cursor.ts';
import { fieldErrors } from './form.ts';

export interface ListDefinition<Filters extends z.ZodRawShape = z.ZodRawShape, Sort extends string = string> {
  /**
   * Sort names of the URL and their columns. A column must be NOT NULL; `id` breaks ties. `kind` is what
   * a cursor's value has to be.
   */
  readonly sorts: Readonly<Record<Sort, { readonly field: string; readonly kind: SortKind }>>;
  readonly sort: NoInfer<Sort>;
  readonly dir: 'asc' | 'desc';
  /** Each must accept undefined: `{ state: z.enum(['live', 'ended']).optional() }`. */
  readonly filters: Filters;
  /** Rows on a page; 20 when absent. A client may ask for up to 100. */
  readonly limit?: number;
}

export interface ListQuery<Filters extends z.ZodRawShape = z.ZodRawShape> {
  /** Search words, trimmed; '' for none. */
  readonly q: string;
  readonly filters: z.output<z.ZodObject<Filters>>;
  readonly sort: string;
  readonly dir: 'asc' | 'desc';
  readonly limit: number;
  readonly cursor: Cursor | null;
  /** What in the URL was not understood and left out; pages show it with the partial `list/problems`. */
  readonly problems: FieldErrors;
  readonly field: string;
}

export interface Page<Row> {
  readonly rows: Row[];
  /** Cursors, or null where the list ends. */
  readonly next: string | null;
  readonly previous: string | null;
}

export const defineList = <Filters extends z.ZodRawShape, Sort extends string>(
  definition: ListDefinition<Filters, Sort>,
) => definition;

/** The URL's parameters as a zod object: for an API operation's `query`. */
export function listSchema<Filters extends z.ZodRawShape, Sort extends string>(
  definition: ListDefinition<Filters, Sort>,
) {
  const sorts = Object.keys(definition.sorts) as [string, ...string[]];
  return z.strictObject({
    ...definition.filters,
    q: z.string().normalize('NFC').trim().max(200).default('').meta({ description: 'Search words' }),
    sort: z.enum(sorts).default(definition.sort),
    dir: z.enum(['asc', 'desc']).optional(),
    cursor: z
      .string()
      .max(4_000)
      .optional()
      .meta({ description: '`next` or `previous` of an earlier answer' }),
    limit: z.coerce
      .number()
      .int()
      .min(1)
      .max(100)
      .default(definition.limit ?? 20),
  });
}

/**
 * Reads a list's state from the URL. `strict` (API) throws 422 naming each bad field; `lenient` (pages) leaves
 * bad ones out and tells in `problems`, because an old bookmark should still open.
 */
export function parseList<Filters extends z.ZodRawShape, Sort extends string>(
  definition: ListDefinition<Filters, Sort>,
  query: Record<string, unknown>,
  mode: 'strict' | 'lenient' = 'lenient',
): ListQuery<Filters> {
  const schema = listSchema(definition);
  // A select's "all" sends an empty value.
  const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
  const problems: FieldErrors = {};
  let result = schema.safeParse(given, { reportInput: true });
  if (!result.success) {
    Object.assign(problems, fieldErrors(result.error.issues));
    if (mode === 'strict') throw invalid(problems);
    const left = Object.entries(given).filter(
      ([name]) => !Object.keys(problems).some((bad) => bad.split('.')[0] === name),
    );
    result = schema.safeParse(Object.fromEntries(left));
    if (!result.success) throw invalid(fieldErrors(result.error.issues));
  }
  const data = result.data as Record<string, unknown> & {
    q: string;
    sort: Sort;
    dir?: 'asc' | 'desc';
    cursor?: string;
    limit: number;
  };
  const { q, sort, limit, cursor: token, dir: askedDir, ...filters } = data;
  const dir = askedDir ?? (sort === definition.sort ? definition.dir : 'asc');
  const { field, kind } = definition.sorts[sort];
  const cursor = token ? decodeCursor(token, sort, dir, kind) : null;
  if (token && !cursor) problems.cursor = 'form:badCursor';
  if (mode === 'strict' && problems.cursor) throw invalid(problems);
  return { q, sort, dir, limit, field, cursor, problems, filters: filters as z.output<z.ZodObject<Filters>> };
}

type Where = Record<string, unknown>;
interface FindArguments {
  where: Record<string, unknown>;
  orderBy: Record<string, 'asc' | 'desc'>[];
  take: number;
}

/**
 * One page by keyset: `paginate(list, where, (args) => db.offer.findMany({ ...args, select }))`. The select must
 * contain `id` and the sort columns. `where` is the list's own condition; the cursor's is added to it.
 */
export async function paginate<Row extends { id: string }>(
  list: ListQuery,
  where: Where,
  findMany: (args: FindArguments) => PromiseLike<Row[]>,
): Promise<Page<Row>> {
  const { cursor, field, limit } = list;
  const backwards = cursor?.backwards ?? false;
  const dir = (list.dir === 'asc') !== backwards ? 'asc' : 'desc';
  const found = await findMany({
    where: cursor ? { AND: [where, beyond(field, dir, cursor)] } : where,
    orderBy: field === 'id' ? [{ id: dir }] : [{ [field]: dir }, { id: dir }],
    take: limit + 1,
  });
  const hasMore = found.length > limit;
  const rows = found.slice(0, limit);
  if (backwards) rows.reverse();
  const edge = (row: Row | undefined, back: boolean) =>
    row ? encodeCursor(cursorAt(list, row, back)) : null;
  return {
    rows,
    next: (backwards ? rows.length > 0 : hasMore) ? edge(rows.at(-1), false) : null,
    previous: (backwards ? hasMore : cursor !== null) ? edge(rows[0], true) : null,
  };
}

// The first half is a plain range on the index's leading column, so the index is entered at the right place.
function beyond(field: string, dir: 'asc' | 'desc', { value, id }: Cursor): Where {
  const [orEqual, strictly] = dir === 'asc' ? ['gte', 'gt'] : ['lte', 'lt'];
  if (field === 'id') return { id: { [strictly]: id } };
  return {
    AND: [
      { [field]: { [orEqual]: value } },
      { OR: [{ [field]: { [strictly]: value } }, { id: { [strictly]: id } }] },
    ],
  };
}

function cursorAt(list: ListQuery, row: { id: string }, backwards: boolean): Cursor {
  const value = (row as Record<string, unknown>)[list.field];
  if (typeof value !== 'string' && typeof value !== 'number' && !(value instanceof Date)) {
    throw new TypeError(`A list sorted by ${list.field} must select it, and it must not be null`);
  }
  return { sort: list.sort, dir: list.dir, value, id: row.id, backwards };
}
