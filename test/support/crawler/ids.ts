import { variants } from '../fixture/hints.ts';
import { fixtureId } from '../fixture/sides.ts';
import { extraVariants } from './arrange.ts';
import type { Rows } from './rows.ts';

/** An id that nobody has, in the form of one. */
export const UNKNOWN = '01900000-aaaa-7aaa-8aaa-aaaaaaaaaaaa';

/** What is no id at all: answered like an unknown one. */
export const MALFORMED = [
  'not-an-id',
  '1',
  '%00',
  "'%20or%201=1%20--",
  '01900000-AAAA-7AAA-8AAA-AAAAAAAAAAAA',
  '..%2f..%2fetc',
];

/** The ids of the fixture's rows, by table, and which of the other market's stands in for which. */
export interface Ids {
  /** Tables that have rows with an id. */
  readonly tables: readonly string[];
  readonly amber: ReadonlyMap<string, readonly string[]>;
  readonly shared: ReadonlyMap<string, readonly string[]>;
  /** Amber's id → Basil's id of the same row. */
  readonly counterpart: ReadonlyMap<string, string>;
  readonly basil: ReadonlySet<string>;
  readonly known: ReadonlySet<string>;
}

export async function readIds(rows: Rows): Promise<Ids> {
  const found = await rows.query<{ name: string }>(
    `select table_name as name from information_schema.columns
     where table_schema = 'public' and column_name = 'id' and data_type = 'uuid' order by 1`,
  );
  const amber = new Map<string, string[]>();
  const shared = new Map<string, string[]>();
  const counterpart = new Map<string, string>();
  const basil = new Set<string>();
  const known = new Set<string>();
  for (const { name } of found) {
    const present = new Set(
      (await rows.query<{ id: string }>(`select id from public."${name}"`)).map(({ id }) => id),
    );
    for (const id of present) known.add(id);
    for (const variant of [...(variants[name] ?? ['main', 'spare']), ...extraVariants(name)]) {
      const [own, other, common] = [
        ...[fixtureId(name, 'amber', variant), fixtureId(name, 'basil', variant)],
        fixtureId(name, 'shared', variant),
      ] as [string, string, string];
      if (present.has(common)) shared.set(name, [...(shared.get(name) ?? []), common]);
      if (!present.has(own)) continue;
      amber.set(name, [...(amber.get(name) ?? []), own]);
      counterpart.set(own, other);
      basil.add(other);
    }
  }
  return { tables: found.map(({ name }) => name), amber, shared, counterpart, basil, known };
}

/** Tables whose rows a name of a path or field probably means: `offers`, `memberId`, `branchIds[]`. */
export function tablesFor(name: string, tables: readonly string[]): string[] {
  if (name === 'access-log' || name === 'support-sessions') return ['support_session'];
  const word = singular(name.replace(/\[\]$/, '').replace(/Ids?$/, '').toLowerCase());
  return tables.filter((table) => table.split('_').some((part) => part === word || singular(part) === word));
}

function singular(word: string): string {
  if (/(ch|sh|x|ss)es$/.test(word)) return word.slice(0, -2);
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  return word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}

/** Ids of Amber, or of everybody's tables, for a name: the likely tables first, then all the others. */
export function candidates(name: string, ids: Ids): string[] {
  const likely = tablesFor(name, ids.tables);
  const ordered = [...likely, ...ids.tables.filter((table) => !likely.includes(table))];
  return ordered.flatMap((table) => [...(ids.amber.get(table) ?? []), ...(ids.shared.get(table) ?? [])]);
}
