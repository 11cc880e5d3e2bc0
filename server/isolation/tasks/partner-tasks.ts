import type { Deps } from '../../deps.ts';
import { partnerProbe } from '../probe/partner-probe.ts';
import type { RoleAccesses } from '../role-clients.ts';
import { partnerWhy } from '../why/partner-why.ts';
import type { TaskHandlers } from './task-runner.ts';

/** What the partner process does for the admin portal: it alone holds these roles' keys. */
export function partnerTasks({ config, inspect }: Pick<Deps, 'config' | 'inspect'>): TaskHandlers {
  const { contextKeys, foreignSecrets, database } = config;
  return {
    probe: partnerProbe({
      accesses: roleAccesses(config),
      database: { ...database, key: contextKeys[0]! },
      ...{ inspect, foreignSecrets },
    }),
    why: partnerWhy(roleAccesses(config)),
  };
}

/** The logins of requests that a partner process holds, each with its surface's key. */
export function roleAccesses({ database, contextKeys, open, till }: Deps['config']): RoleAccesses {
  return {
    bulkhead_partner: { url: database.url, key: contextKeys[0]! },
    ...(open ? { bulkhead_public: { url: open.databaseUrl, key: open.contextKeys[0]! } } : {}),
    ...(till ? { bulkhead_device: { url: till.databaseUrl, key: till.contextKeys[0]! } } : {}),
  };
}
