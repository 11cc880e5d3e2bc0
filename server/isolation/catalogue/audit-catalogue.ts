import type { Client } from 'pg';
import { type Check, type Finding, finding, type Questioned } from '../../db/guard/check.ts';
import { askGrants } from '../../db/guard/grants.question.ts';
import { askFunctions, askVersion } from '../../db/guard/server.question.ts';
import { askPolicies, askTables } from '../../db/guard/tables.question.ts';
import { askKeeper, askTriggers } from '../../db/guard/triggers.question.ts';
import { askRules } from './ask.ts';
import { askBodies } from './bodies.question.ts';
import { askAllDefaults } from './logins.question.ts';
import { roleRules } from './role.rules.ts';
import { accessRules, schemaRules } from './schema.rules.ts';

type CatalogueQuestion = (client: Client) => Promise<readonly Finding[]>;

/** The guard's questions that do not depend on who asks. */
const guarded = [askVersion, askTables, askFunctions, askTriggers, askKeeper, askPolicies, askGrants].map(
  (question): CatalogueQuestion =>
    async (client) =>
      (await question({ client } as Questioned)).findings,
);

const QUESTIONS: Readonly<Record<string, readonly CatalogueQuestion[]>> = {
  declared: guarded,
  schema: [(client) => askRules(client, schemaRules)],
  access: [(client) => askRules(client, accessRules)],
  roles: [(client) => askRules(client, roleRules), askAllDefaults],
  functions: [askBodies],
};

/**
 * Everything the catalogue can say about isolation, asked over any login: the boot guard's questions and many more, which
 * would make a start slow.
 */
export async function auditCatalogue(client: Client): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [name, questions] of Object.entries(QUESTIONS)) {
    const findings: Finding[] = [];
    for (const question of questions) findings.push(...(await answer(question, client)));
    checks.push({ name, findings });
  }
  return checks;
}

async function answer(question: CatalogueQuestion, client: Client): Promise<readonly Finding[]> {
  try {
    return await question(client);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [finding('BH-SRV-003', `a question could not be asked: ${reason}`)];
  }
}
