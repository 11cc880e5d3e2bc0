import fc from 'fast-check';
import { type Ask, type Body, type Pairs, urlencoded } from './ask.ts';

/** A request with one thing wrong in it. */
export interface Mutant {
  readonly name: string;
  /** The field that was touched; undefined when it is the body as a whole. */
  readonly field: string | undefined;
  readonly ask: Ask;
  /** Whether the answer must name the field: it can't be read at all, so nothing else can be wrong first. */
  readonly isUnreadable?: boolean;
}

const LONG = 'x'.repeat(20_000);
/** Replaced after encoding, by what no encoder produces. */
const PLACE = 'MUTANTPLACE';
const RANDOM = fc.sample(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), { seed: 7, numRuns: 2 });

const TEXTS: readonly [string, string][] = [
  ['empty', ''],
  ['too long', LONG],
  ['words', 'neither a number nor a date'],
  ['negative', '-1'],
  ['huge', '99999999999999999999999'],
  ['not a number', 'NaN'],
  ['infinite', 'Infinity'],
  ['emoji', '😀👩‍👩‍👧'],
  ['a right-to-left override', '\u202egnp.exe'],
  ['a name of JavaScript', '__proto__'],
];

/** Each field gets two of these, in turn. */
const MORE: readonly [string, string][] = [
  ['hexadecimal', '0x1F'],
  ['an impossible date', '2026-02-30T25:61'],
  ['JSON', '{"$ne":null}'],
  ['markup', '"><script>alert(1)</script>'],
  ['SQL', "'; drop table offer; --"],
  ...RANDOM.map((text, index): [string, string] => [
    `noise ${index}`,
    Buffer.from(text).toString().replaceAll('\0', ''),
  ]),
];

const textsFor = (index: number): readonly [string, string][] => [
  ...TEXTS,
  MORE[(index * 2) % MORE.length]!,
  MORE[(index * 2 + 1) % MORE.length]!,
];

/** Written as they stand in an urlencoded body. */
const ENCODED: readonly [string, string][] = [
  ['NUL', 'a%00b'],
  ['invalid UTF-8', '%ff%fe'],
  ['half a surrogate pair', '%ed%a0%80'],
];

export function formMutants(ask: Ask, body: Extract<Body, { fields: Pairs }>): Mutant[] {
  const { fields } = body;
  // Without its files: a picture would be encoded anew each time, for nothing.
  const bare = (changed: Pairs): Body => ({
    ...body,
    fields: changed,
    ...(body.kind === 'multipart' ? { files: [] } : {}),
  });
  const withFields = (changed: Pairs): Ask => ({ ...ask, body: bare(changed) });
  return familiesOf(fields).flatMap((index) => {
    const [name] = fields[index]!;
    const field = name.replace(/\[\]$/, '');
    const put = (value: string): Ask => withFields(fields.with(index, [name, value]));
    const rename = (other: string): Ask => withFields(fields.with(index, [other, 'x']));
    return [
      { name: 'missing', field, ask: withFields(fields.toSpliced(index, 1)) },
      ...textsFor(index).map(([kind, value]) => ({ name: kind, field, ask: put(value) })),
      {
        name: 'twice',
        field,
        ask: withFields([...fields, [field, 'again'], [field, 'and again']]),
        isUnreadable: true,
      },
      { name: 'a list', field, ask: withFields(fields.with(index, [`${field}[]`, 'x'])) },
      { name: 'an operator', field, ask: rename(`${field}[$ne]`), isUnreadable: true },
      { name: 'an object', field, ask: rename(`${field}[a][b]`) },
      ...(body.kind === 'form'
        ? ENCODED.map(([kind, text]) => ({
            name: kind,
            field,
            ask: encoded(put(PLACE), text),
            isUnreadable: true,
          }))
        : [{ name: 'NUL', field, ask: put('a\0b'), isUnreadable: true }]),
    ];
  });
}

function encoded(ask: Ask, text: string): Ask {
  const fields = ask.body?.kind === 'form' ? ask.body.fields : [];
  const bytes = Buffer.from(urlencoded(fields).replace(PLACE, text));
  return { ...ask, body: { kind: 'raw', type: 'application/x-www-form-urlencoded', bytes } };
}

/** Fields that only count up (a day's hours, a file's columns) stand for one another. */
function familiesOf(fields: Pairs): number[] {
  const seen = new Map<string, number>();
  return fields.flatMap(([name], index) => {
    const family = name.replace(/-.*$/, '');
    const count = (seen.get(family) ?? 0) + 1;
    seen.set(family, count);
    return count <= 1 ? [index] : [];
  });
}

const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

const VALUES: readonly [string, unknown][] = [
  ['null', null],
  ['a number', 7],
  ['a fraction', 1.5],
  ['negative', -1],
  ['huge', 1e300],
  ['beyond integers', 2 ** 53],
  ['true', true],
  ['text', 'neither a number nor a date'],
  ['empty', ''],
  ['too long', LONG],
  ['a list', []],
  ['a list of lists', [[[]]]],
  ['an object', {}],
  ['an operator', { $ne: null }],
  ['Prisma’s operators', { not: null, contains: '' }],
  ['emoji', '😀👩‍👩‍👧'],
  ['a right-to-left override', '\u202egnp.exe'],
  ['a name of JavaScript', '__proto__'],
];

const UNREADABLE: readonly [string, unknown][] = [
  ['NUL', 'a\0b'],
  ['half a surrogate pair', '\ud800'],
  ['twenty levels', nested(20)],
  ['an object with a constructor', { constructor: { prototype: {} } }],
];

export function jsonMutants(ask: Ask, value: Record<string, unknown>): Mutant[] {
  const json = (changed: unknown): Ask => ({ ...ask, body: { kind: 'json', value: changed } });
  return Object.keys(value).flatMap((field) => {
    const { [field]: _, ...rest } = value;
    return [
      { name: 'missing', field, ask: json(rest) },
      ...VALUES.map(([name, each]) => ({ name, field, ask: json({ ...value, [field]: each }) })),
      ...UNREADABLE.map(([name, each]) => ({
        ...{ name, field, ask: json({ ...value, [field]: each }) },
        isUnreadable: true,
      })),
    ];
  });
}

const raw = (ask: Ask, type: string, text: string | Buffer): Ask => ({
  ...ask,
  body: { kind: 'raw', type, bytes: Buffer.from(text as string) },
});

/** What is wrong with a body as a whole. */
export function bodyMutants(ask: Ask): Mutant[] {
  const isJson = ask.body?.kind === 'json';
  const type = isJson ? 'application/json' : 'application/x-www-form-urlencoded';
  const whole = (name: string, changed: Ask): Mutant => ({ name, field: undefined, ask: changed });
  const { body, ...bare } = ask;
  return [
    whole('no body', bare),
    whole('bytes', raw(ask, type, Buffer.from([0, 255, 254, 128, 192, 0]))),
    whole('a thousand levels', raw(ask, 'application/json', `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`)),
    whole('half a JSON', raw(ask, 'application/json', '{"a":')),
    whole('a JSON list', raw(ask, 'application/json', '[]')),
    whole('JSON null', raw(ask, 'application/json', 'null')),
    whole('__proto__', raw(ask, 'application/json', '{"__proto__":{"role":"owner"}}')),
    whole('constructor', raw(ask, type, isJson ? '{"constructor":{}}' : 'constructor=x&__proto__=y')),
    whole('plain text', raw(ask, 'text/plain', 'name=x')),
    whole(
      'XML',
      raw(ask, 'application/xml', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    ),
    whole('an unknown charset', raw(ask, `${type}; charset=utf-7`, 'name=x')),
    whole('multipart without its parts', raw(ask, 'multipart/form-data; boundary=x', 'nothing')),
    whole('multipart without a boundary', raw(ask, 'multipart/form-data', 'nothing')),
  ];
}

/** For addresses with parameters: each must be understood, left out, or refused by name. */
export function queryMutants(ask: Ask, names: readonly string[]): Mutant[] {
  const withQuery = (query: Pairs): Ask => ({ ...ask, query });
  const withText = (text: string): Ask => ({ ...ask, path: `${ask.path}?${text}` });
  return names.flatMap((name) => {
    const field = name.replace(/\[\]$/, '');
    return [
      ...[
        '',
        'no-such-choice',
        '-1',
        '99999999999999999999',
        'x'.repeat(3_000),
        '😀\u202e',
        '{"$ne":null}',
      ].map((value) => ({ name: `query ${value.slice(0, 12)}`, field, ask: withQuery([[field, value]]) })),
      { name: 'query twice', field, ask: withText(`${field}=1&${field}=2`), isUnreadable: true },
      { name: 'query operator', field, ask: withText(`${field}[$ne]=1`), isUnreadable: true },
      { name: 'query list', field, ask: withText(`${field}[]=1`) },
      ...ENCODED.map(([kind, text]) => ({
        ...{ name: `query ${kind}`, field, ask: withText(`${field}=${text}`) },
        isUnreadable: true,
      })),
    ];
  });
}

const ESSENTIAL = new Set([
  'missing',
  'empty',
  'too long',
  'words',
  'a number',
  'NUL',
  'an operator',
  'null',
]);

/** The few that are enough where another route with the very same fields has had them all. */
export const essential = (mutants: readonly Mutant[]): Mutant[] =>
  mutants.filter(({ name }) => ESSENTIAL.has(name));
