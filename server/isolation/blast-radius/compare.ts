import type { PolicySnapshot, Snapshot, TableSnapshot } from '../catalogue/snapshot.ts';

/** `new`: the table came with the migrations, so nobody's rows were there to be seen. `changed`: nobody can say which way. */
export type Direction = 'wider' | 'narrower' | 'changed' | 'new' | 'gone';

/** One cell of table × verb × role, or a role or function, that is not as it was. */
export interface Difference {
  /** The table's name, `role` or `function`. */
  readonly table: string;
  readonly verb: string;
  readonly role: string;
  readonly before: string;
  readonly after: string;
  readonly direction: Direction;
}

/** What a role may do to a table with one verb. */
interface Cell {
  readonly columns: readonly string[] | null;
  readonly rows: string;
}

const VERBS = ['select', 'insert', 'update', 'delete'] as const;

/** Who may do more, less or other than before, cell by cell, and what became of roles and functions. */
export function compareSnapshots(before: Snapshot, after: Snapshot): Difference[] {
  return [
    ...compareTables(before, after),
    ...compareRoles(before, after),
    ...compareFunctions(before, after),
  ];
}

function compareTables(before: Snapshot, after: Snapshot): Difference[] {
  const [old, now] = [byName(before.tables), byName(after.tables)];
  return namesOf(old, now).flatMap((name) => {
    const [was, is] = [old.get(name), now.get(name)];
    const isNew = !was || !is ? (was ? ('gone' as const) : ('new' as const)) : null;
    return [...compareSecurity(was, is), ...compareCells(name, was, is, isNew)];
  });
}

function compareSecurity(was?: TableSnapshot, is?: TableSnapshot): Difference[] {
  if (!was || !is) return [];
  const told = (table: TableSnapshot) =>
    `${table.enabled ? 'on' : 'off'}, ${table.forced ? 'forced' : 'not forced'}`;
  if (told(was) === told(is)) return [];
  const isWider = (was.enabled && !is.enabled) || (was.forced && !is.forced);
  const what = { table: is.name, verb: 'row security', role: '*', before: told(was), after: told(is) };
  return [{ ...what, direction: isWider ? 'wider' : 'narrower' }];
}

function compareCells(
  table: string,
  was: TableSnapshot | undefined,
  is: TableSnapshot | undefined,
  fixed: 'new' | 'gone' | null,
): Difference[] {
  const roles = new Set([was, is].flatMap((each) => each?.grants.map(({ role }) => role) ?? []));
  return [...roles].sort().flatMap((role) =>
    VERBS.flatMap((verb) => {
      const [old, now] = [cellOf(was, role, verb), cellOf(is, role, verb)];
      const [before, after] = [shown(old), shown(now)];
      if (before === after) return [];
      return [{ table, verb, role, before, after, direction: fixed ?? directionOf(old, now) }];
    }),
  );
}

/** What the grants leave, and on which rows: no policy means no row. */
function cellOf(table: TableSnapshot | undefined, role: string, verb: string): Cell | null {
  const grants = table?.grants.filter((grant) => grant.role === role && grant.command === verb) ?? [];
  if (!table || grants.length === 0) return null;
  const isWhole = grants.some(({ columns }) => columns === null);
  const columns = isWhole ? null : [...new Set(grants.flatMap((grant) => grant.columns ?? []))].sort();
  const policies = table.policies.filter(
    ({ roles, command }) =>
      (roles.includes(role) || roles.includes('public')) && [verb, 'all'].includes(command),
  );
  const rows = table.enabled ? policies.map(ruleOf).sort().join(' or ') || 'none' : 'all';
  return { columns, rows };
}

const ruleOf = ({ using, check }: PolicySnapshot): string =>
  [using, check === using ? null : check && `after ${check}`].filter(Boolean).join(' ').replace(/\s+/g, ' ');

const shown = (cell: Cell | null): string =>
  cell ? `${cell.columns ? `(${cell.columns.join(', ')})` : 'all columns'} where ${cell.rows}` : '—';

function directionOf(old: Cell | null, now: Cell | null): Direction {
  if (!old) return 'wider';
  if (!now) return 'narrower';
  const hasMoreColumns =
    old.columns !== null && (now.columns?.some((name) => !old.columns!.includes(name)) ?? true);
  if (hasMoreColumns) return 'wider';
  if (old.rows === now.rows) return 'narrower';
  if (now.rows === 'all' || (old.rows === 'none' && now.rows !== 'none')) return 'wider';
  return isConjunct(old.rows, now.rows) ? 'narrower' : 'changed';
}

/** `(a AND b)` lets through nothing that `a` does not. */
const isConjunct = (old: string, now: string): boolean =>
  now === 'none' || (now.startsWith(`(${old} AND `) && !/ or /i.test(now));

function compareRoles(before: Snapshot, after: Snapshot): Difference[] {
  const told = (snapshot: Snapshot) =>
    new Map(
      snapshot.roles.map(({ name, login, powers, memberOf }) => [
        name,
        [login ? 'LOGIN' : '', ...powers, ...memberOf.map((other) => `member of ${other}`)].filter(Boolean),
      ]),
    );
  return compareLists('role', told(before), told(after));
}

/** Who may execute what, and as whom it runs. */
function compareFunctions(before: Snapshot, after: Snapshot): Difference[] {
  const told = (snapshot: Snapshot) =>
    new Map(snapshot.functions.map(({ name, executors }) => [name, [...executors]]));
  return compareLists('function', told(before), told(after));
}

function compareLists(
  table: string,
  old: ReadonlyMap<string, readonly string[]>,
  now: ReadonlyMap<string, readonly string[]>,
): Difference[] {
  return namesOf(old, now).flatMap((role) => {
    const [was, is] = [old.get(role), now.get(role)];
    const [before, after] = [was?.join(', ') || '—', is?.join(', ') || '—'];
    if (before === after && was && is) return [];
    const isWider = is?.some((each) => !was?.includes(each)) ?? false;
    const direction = !was ? 'new' : !is ? 'gone' : isWider ? 'wider' : 'narrower';
    return [{ table, verb: table === 'role' ? 'be' : 'execute', role, before, after, direction }];
  });
}

const byName = (tables: readonly TableSnapshot[]) => new Map(tables.map((table) => [table.name, table]));

const namesOf = (old: ReadonlyMap<string, unknown>, now: ReadonlyMap<string, unknown>): string[] =>
  [...new Set([...old.keys(), ...now.keys()])].sort();
