import type { Client } from 'pg';
import type { ContextKey } from '../../market/context.ts';
import type { Login } from '../setup/roles.ts';
import type { RuleId } from './rules.ts';

/** What is wrong, by which rule, and what mends it: a statement for a superuser, or a command. */
export interface Finding {
  readonly rule: RuleId;
  readonly text: string;
  readonly mend: string;
}

/** One question that the guard asked of the database, and what is wrong when the answer is not the declared one. */
export interface Check {
  readonly name: string;
  readonly findings: readonly Finding[];
}

export const finding = (rule: RuleId, text: string, mend = ''): Finding => ({ rule, text, mend });

/** A finding on one line. */
export const findingLine = ({ rule, text }: Finding): string => `${rule} ${text}`;

/** What a process says about itself: the guard holds the database's answers against it. */
export interface GuardSubject {
  readonly surface: 'admin' | 'partner' | 'public' | 'device';
  readonly role: Login;
  readonly contextKey: ContextKey;
}

/** A connection to ask, and whose it is. */
export interface Questioned {
  readonly client: Client;
  readonly subject: GuardSubject;
}

export type Question = (questioned: Questioned) => Promise<Check>;

/** Rows of a catalogue query. */
export async function rows<Row extends object>(
  client: Client,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return (await client.query<Row>(sql, values)).rows;
}
