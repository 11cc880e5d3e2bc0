import { createDatabase, type DatabaseOptions } from '../../db/client.ts';
import { type Finding, finding } from '../../db/guard/check.ts';
import { scopeFor } from './lies.ts';
import type { ProbeMarket } from './probe.input.ts';

const MARK = 'left-behind';

/** The application's own layers, tried as this build has them: with row-level security alone nobody would notice. */
export async function tryApplication(
  options: DatabaseOptions,
  { own, foreign }: { readonly own: ProbeMarket; readonly foreign: ProbeMarket },
): Promise<Finding[]> {
  const database = createDatabase({ ...options, poolSize: 1 });
  try {
    const db = database.scoped(scopeFor('bulkhead_partner', own));
    const findings: Finding[] = [];
    if (await keepsSetting(db)) {
      findings.push(
        finding(
          'BH-APP-001',
          'a connection keeps the settings that its last user left',
          'reset sessions in server/db/pool.ts',
        ),
      );
    }
    if (!(await holdsArguments(db, foreign.id))) {
      findings.push(
        finding(
          'BH-APP-002',
          'arguments that name another market reach the database',
          'restore server/market/scoping',
        ),
      );
    }
    return findings;
  } catch (error) {
    return [
      finding('BH-PRB-011', `the application’s layers could not be tried: ${(error as Error).message}`),
    ];
  } finally {
    await database.close();
  }
}

type Db = ReturnType<ReturnType<typeof createDatabase>['scoped']>;

async function keepsSetting(db: Db): Promise<boolean> {
  await db.$queryRaw`select set_config('app.probe', ${MARK}, false)`;
  const [row] = await db.$queryRaw<
    { left: string | null }[]
  >`select current_setting('app.probe', true) as left`;
  return row?.left === MARK;
}

/** Refused before a statement is made: nothing is written, whatever the database would have said. */
async function holdsArguments(db: Db, foreign: string): Promise<boolean> {
  const nobody = '00000000-0000-0000-0000-000000000000';
  try {
    await db.branch.updateMany({ where: { id: nobody }, data: { marketId: foreign } });
    return false;
  } catch (error) {
    return (error as Error).name === 'ScopeViolation';
  }
}
