import { withClient } from '../../../server/db/setup/connect.ts';
import { type PortalsOptions, startPortals, type TestPortals } from '../http.ts';
import { arrange, writeFiles } from './arrange.ts';
import { type Ids, readIds } from './ids.ts';
import { enter, PEOPLE, type Person, type PersonName, stranger } from './people.ts';
import { isDevice, isPublic, type Route, routesOf } from './routes.ts';
import { Rows } from './rows.ts';

/** Both portals with two markets in which everything is there, people who are signed in, and a way back. */
export interface World {
  readonly portals: TestPortals;
  readonly people: Readonly<Record<PersonName, Person>>;
  readonly strangers: Readonly<Record<'admin' | 'partner', Person>>;
  /** Of each portal, and of the public surface in the partner process. */
  readonly routes: Readonly<Record<'admin' | 'partner' | 'public', readonly Route[]>>;
  readonly rows: Rows;
  readonly ids: Ids;
  /** Rows and files as they were in the beginning. @returns the owners whose rows had changed. */
  reset(): Promise<string[]>;
  close(): Promise<void>;
}

export async function openWorld(
  options: PortalsOptions = {},
  prepare: (portals: TestPortals) => Promise<void> = async () => {},
): Promise<World> {
  const portals = await startPortals(options);
  const { uploadsDir } = portals.partner.deps;
  await withClient(portals.database.superuserUrl, (client) => arrange(client, uploadsDir));
  await portals.admin.deps.mailer.send({
    ...{ to: 'somebody@example.test', locale: 'en', letter: 'invitation' },
    ...{ values: { name: 'Somebody', market: 'Amber' }, link: 'http://localhost/invitations/x' },
  });
  const names = Object.keys(PEOPLE) as PersonName[];
  const entered = await Promise.all(names.map((name) => enter(portals, name)));
  await prepare(portals);
  const rows = await Rows.open(portals.database.superuserUrl);
  await rows.keep();
  return {
    portals,
    people: Object.fromEntries(entered.map((person) => [person.name, person])) as World['people'],
    strangers: { admin: await stranger(portals.admin), partner: await stranger(portals.partner) },
    routes: {
      admin: routesOf(portals.admin.server),
      partner: routesOf(portals.partner.server).filter((route) => !isPublic(route) && !isDevice(route)),
      public: routesOf(portals.partner.server).filter(isPublic),
    },
    rows,
    ids: await readIds(rows),
    reset: async () => {
      const changed = await rows.changed();
      if (changed.length === 0) return changed;
      await rows.restore(changed);
      // Files follow their rows.
      if (changed.some((key) => /^(image|import_job)\//.test(key)))
        await rows.use((client) => writeFiles(client, uploadsDir));
      return changed;
    },
    close: async () => {
      await rows.close();
      await portals.close();
    },
  };
}
