import { literal, quoted } from '../probe/shapes.ts';
import type { Question } from './question.ts';
import type { TableFacts } from './table-facts.ts';

/** The row that a question names, as a condition over these columns of its key; empty where there are none. */
export const keyCondition = (
  columns: TableFacts['columns'],
  key: Question['key'],
  names: readonly string[],
): string => names.map((name) => `${quoted(name)} = ${literal(key[name])}::${columns[name]}`).join(' and ');
