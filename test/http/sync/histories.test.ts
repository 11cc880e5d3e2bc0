import pg from 'pg';
import { startPortals, type TestPortals } from '../../support/http.ts';
import { tellHistory } from '../../support/sync-histories/history.ts';
import { checkInvariants } from '../../support/sync-histories/invariants.ts';
import { World } from '../../support/sync-histories/world.ts';

/** `SYNC_HISTORIES=1000 npm test -- test/http/sync/histories.test.ts`; `SYNC_SEED` to begin at the one that failed. */
const HISTORIES = Number(process.env.SYNC_HISTORIES ?? 60);
const SEED = Number(process.env.SYNC_SEED ?? 1);

describe('histories of three tills', function () {
  this.timeout(HISTORIES * 5_000);
  let portals: TestPortals;
  let client: pg.Client;

  before(async () => {
    portals = await startPortals();
    client = new pg.Client(portals.database.superuserUrl);
    await client.connect();
    await client.query('update plan set max_devices = 1000000, max_sync_pushes = 1000000');
  });
  after(async () => {
    await client.end();
    await portals.close();
  });

  it(`hold what they must, ${HISTORIES} of them`, async () => {
    for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
      try {
        const world = await new World(portals, client).build();
        await tellHistory(world, seed);
        await checkInvariants(world);
      } catch (error) {
        throw new Error(`History ${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
  });
});
