import { BootError } from '../../server/boot-error.ts';

/** One table's name in each of the spellings that the code uses. */
export interface TableNames {
  /** `gift_card`: the table. */
  readonly table: string;
  /** `gift-card`: its file. */
  readonly file: string;
  /** `GiftCard`: the model. */
  readonly model: string;
  /** `giftCard`: the constant. */
  readonly constant: string;
  /** `giftCards`: the market's list of them. */
  readonly list: string;
  /** `gift card`, for sentences. */
  readonly words: string;
}

/** Longest name whose index, `<name>_market_id_created_at_id_idx`, PostgreSQL would not cut at 63 bytes. */
const MAX = 35;

/** What PostgreSQL would take for something else, unquoted. */
const RESERVED = new Set(
  `all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
  concurrently constraint create cross current_date current_role current_time current_user default deferrable desc
  distinct do else end except false fetch for foreign freeze from full grant group having ilike in initially inner
  intersect into is isnull join lateral leading left like limit localtime natural not notnull null offset on only or
  order outer overlaps placing primary references returning right row select session_user similar some symmetric system_user
  table tablesample then to trailing true union unique user using variadic verbose when where window with`.split(
    /\s+/,
  ),
);

/** Names that Prisma's schema language or its client has for itself. */
const PRISMA = new Set(
  'String Boolean Int BigInt Float Decimal DateTime Json Bytes Unsupported Prisma PrismaClient'.split(' '),
);

/** @throws BootError that says what is wrong with the name, and an example of a right one. */
export function tableNames(name: string | undefined, ...rest: string[]): TableNames {
  if (!name || rest.length > 0) throw new BootError('Give one name: npm run new:table -- gift_card');
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)) {
    throw new BootError(
      `"${name}" is no table name: write lower case words with _ between them, as gift_card.`,
    );
  }
  if (name.length > MAX)
    throw new BootError(`"${name}" has ${name.length} characters: a name may have ${MAX}.`);
  const parts = name.split('_');
  const model = parts.map((part) => part[0]!.toUpperCase() + part.slice(1)).join('');
  if (RESERVED.has(name) || PRISMA.has(model))
    throw new BootError(`"${name}" is a reserved word: choose another name.`);
  if (name.startsWith('pg_')) throw new BootError('Names that begin with pg_ belong to PostgreSQL.');
  const constant = model[0]!.toLowerCase() + model.slice(1);
  return {
    table: name,
    file: parts.join('-'),
    model,
    constant,
    list: plural(constant),
    words: parts.join(' '),
  };
}

function plural(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}
