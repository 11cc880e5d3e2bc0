import { quoted } from '../probe/shapes.ts';
import type { RoleClient } from '../role-clients.ts';
import { keyCondition } from './key-condition.ts';
import type { Question } from './question.ts';
import type { TableFacts } from './table-facts.ts';
import { type Tried, triedOf } from './tried.ts';

/** The statement itself on the row that is there, which changes nothing that could stay; null where the role may not name the row's key. */
export async function tryRow(
  client: Pick<RoleClient, 'attempt'>,
  { table, readable, writable, columns }: TableFacts,
  { verb, key }: Pick<Question, 'verb' | 'key'>,
): Promise<Tried> {
  const names = Object.keys(key).filter((name) => name in columns);
  if (names.some((name) => !readable.includes(name))) return { passed: null, code: null };
  const where = keyCondition(columns, key, names);
  const same = writable
    .filter((name) => readable.includes(name))
    .map((name) => `${quoted(name)} = ${quoted(name)}`);
  if (verb === 'update' && same.length === 0) return { passed: null, code: null };
  const statements: Partial<Record<Question['verb'], string>> = {
    select: `select from ${quoted(table)} where ${where}`,
    update: `update ${quoted(table)} set ${same.join(', ')} where ${where}`,
    delete: `delete from ${quoted(table)} where ${where}`,
  };
  try {
    return { passed: (await client.attempt(statements[verb]!)).affected > 0, code: null };
  } catch (error) {
    return triedOf(error, verb);
  }
}
