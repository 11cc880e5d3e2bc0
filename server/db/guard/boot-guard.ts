import pg from 'pg';
import { BootError } from '../../boot-error.ts';
import { type Check, finding, findingLine, type GuardSubject, type Question } from './check.ts';
import { askGrants } from './grants.question.ts';
import { askDefaults, askPrivileges, askRole } from './roles.question.ts';
import { askContext, askFunctions, askVersion } from './server.question.ts';
import { askPolicies, askTables } from './tables.question.ts';
import { askKeeper, askTriggers } from './triggers.question.ts';

/** In the order in which an operator would mend them: who am I, what server is this, is the schema right. */
const QUESTIONS: readonly Question[] = [
  askRole,
  askVersion,
  askDefaults,
  askTables,
  askPrivileges,
  askFunctions,
  askTriggers,
  askKeeper,
  askPolicies,
  askGrants,
  askContext,
];

/** A login and where it connects to. */
export interface GuardedLogin {
  readonly url: string;
  readonly subject: GuardSubject;
}

/** The database is not as declared. `message` is one line for the person who starts the process. */
export class BootGuardError extends BootError {
  readonly checks: readonly Check[];

  constructor(checks: readonly Check[]) {
    const findings = checks.flatMap((check) => check.findings);
    super(
      `boot guard: ${findingLine(findings[0]!)}${findings.length > 1 ? ` (and ${findings.length - 1} more)` : ''}`,
    );
    this.checks = checks;
  }
}

/**
 * Asks every question over one connection of the login. A question that can't be answered counts as a wrong
 * answer. Rejects only when there is no connection at all.
 */
export async function inspect(login: GuardedLogin): Promise<Check[]> {
  const client = new pg.Client({ connectionString: login.url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const checks: Check[] = [];
    for (const question of QUESTIONS) checks.push(await answer(question, client, login.subject));
    return checks;
  } finally {
    await client.end();
  }
}

async function answer(question: Question, client: pg.Client, subject: GuardSubject): Promise<Check> {
  try {
    return await question({ client, subject });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { name: question.name, findings: [finding('BH-SRV-003', `could not be checked: ${reason}`)] };
  }
}

/**
 * Stops a process whose database would not keep its promise (design 3.7).
 * @throws BootGuardError with the first finding and the number of the others.
 */
export async function runBootGuard(logins: readonly GuardedLogin[]): Promise<void> {
  for (const login of logins) {
    const wrong = (await inspect(login)).filter((check) => check.findings.length > 0);
    if (wrong.length > 0) throw new BootGuardError(wrong);
  }
}
