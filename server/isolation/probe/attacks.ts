import { access, type Command, type Role, type Rule } from '../../db/access/declaration.ts';
import type { RuleId } from '../../db/guard/rules.ts';
import type { RequestRole } from '../role-clients.ts';
import type { ProbeTargets } from './probe.input.ts';
import { literal, quoted, type Shape } from './shapes.ts';

/** What is tried, and the rule that a success breaks. */
export const VERBS = {
  read: 'BH-PRB-001',
  count: 'BH-PRB-002',
  insert: 'BH-PRB-003',
  update: 'BH-PRB-004',
  delete: 'BH-PRB-005',
  move: 'BH-PRB-006',
  reference: 'BH-PRB-007',
  upsert: 'BH-PRB-008',
  forged: 'BH-PRB-009',
  stale: 'BH-PRB-010',
  plan: 'BH-APP-003',
} as const satisfies Record<string, RuleId>;

export type Verb = keyof typeof VERBS;

/** One statement. `refused`: an error is the only right answer; otherwise no row is one too. */
export interface Attack {
  readonly verb: Verb;
  readonly sql: string;
  readonly refused: boolean;
}

interface Aim {
  readonly shape: Shape;
  readonly role: RequestRole;
  readonly targets: ProbeTargets;
}

const ruleOf = (table: string, role: RequestRole, command: Command): Rule | undefined =>
  access[table]?.roles[role as Role]?.[command];
const columnsOf = (rule: Rule | undefined): readonly string[] =>
  rule && rule.columns !== '*' ? rule.columns : [];

/** Every statement that one role tries on one table, to reach the foreign market's rows from its own. */
export function attacksOn(aim: Aim): Attack[] {
  return [...looking(aim), ...writing(aim), ...referring(aim)];
}

function looking({ shape: { table, key }, targets }: Aim): Attack[] {
  const at = quoted(table);
  const foreign = literal(targets.foreign.id);
  return [
    { verb: 'read', sql: `select ${key} from ${at} where ${key} = ${foreign} limit 1`, refused: false },
    {
      // Without naming the other market: what is counted must be one's own.
      verb: 'count',
      sql: `select 1 from ${at} where ${key} <> ${literal(targets.own.id)} limit 1`,
      refused: false,
    },
  ];
}

function writing({ shape, role, targets }: Aim): Attack[] {
  const { table, key, primaryKey } = shape;
  const at = quoted(table);
  const foreign = literal(targets.foreign.id);
  const own = literal(targets.own.id);
  const column = columnsOf(ruleOf(table, role, 'update'))[0] ?? key;
  const row: Record<string, unknown> = { ...targets.tables[table]?.row, [key]: targets.foreign.id };
  const filled = { ...partitioning(shape, role), ...row };
  const names = Object.keys(filled).map(quoted).join(', ');
  const values = Object.values(filled).map(literal).join(', ');
  const first = { ...partitioning(shape, role), [key]: targets.foreign.id };
  const attacks: Attack[] = [
    {
      verb: 'insert',
      sql: `insert into ${at} (${Object.keys(first).map(quoted).join(', ')}) values (${Object.values(first).map(literal).join(', ')})`,
      refused: true,
    },
    {
      verb: 'update',
      sql: `update ${at} set ${quoted(column)} = ${quoted(column)} where ${key} = ${foreign}`,
      refused: false,
    },
    { verb: 'delete', sql: `delete from ${at} where ${key} = ${foreign}`, refused: false },
    {
      verb: 'upsert',
      sql: `insert into ${at} (${names}) values (${values}) on conflict (${primaryKey.map(quoted).join(', ')})
            do update set ${quoted(column)} = excluded.${quoted(column)}`,
      refused: true,
    },
  ];
  if (key === 'market_id') {
    attacks.push({
      verb: 'move',
      sql: `update ${at} set ${key} = ${foreign} where ${key} = ${own}`,
      refused: false,
    });
  }
  return attacks;
}

/** A row finds its partition before any policy is asked; so it must name an instant. */
function partitioning({ partitioned, types }: Shape, role: RequestRole): Record<string, unknown> {
  if (!partitioned) return {};
  const written = columnsOf(access.offer_event?.roles[role as Role]?.insert);
  const instants = Object.keys(types).filter(
    (name) => types[name]!.startsWith('timestamp') && written.includes(name),
  );
  return Object.fromEntries(instants.map((name) => [name, new Date().toISOString()]));
}

/** One's own row, made to point at the other market's: a foreign key alone stands in the way. */
function referring({ shape, role, targets }: Aim): Attack[] {
  const { table, key, primaryKey, references } = shape;
  const written = columnsOf(ruleOf(table, role, 'update'));
  const pk = primaryKey.map(quoted).join(', ');
  return references.flatMap(({ columns, target, targetColumns }) => {
    const column = columns.find((name) => name !== key);
    const row = targets.tables[target]?.row;
    const value = column && row?.[targetColumns[columns.indexOf(column)]!];
    if (!column || !value || !written.includes(column)) return [];
    const sql = `update ${quoted(table)} set ${quoted(column)} = ${literal(value)}
      where (${pk}) in (select ${pk} from ${quoted(table)} where ${key} = ${literal(targets.own.id)} limit 1)`;
    return [{ verb: 'reference' as const, sql, refused: false }];
  });
}
