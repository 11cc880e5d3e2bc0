import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { staffInvitationLink } from '../server/auth/invitation.staff.routes.ts';
import { createTokens } from '../server/auth/tokens.ts';
import { BootError } from '../server/boot-error.ts';
import { portalConfig, scriptConfig } from '../server/config.ts';
import { createDatabase } from '../server/db/client.ts';
import type { Scope } from '../server/market/scope.ts';
import { inviteStaff } from '../server/staff/staff.service.ts';
import { withDatabase } from './database.ts';
import { portalEnv } from './portal.env.ts';
import { runScript, say } from './run.ts';

// npm run create:admin -- somebody@example.com "Their name": the first operator, who then invites the others.
await runScript('create:admin', async () => {
  const [address, name] = process.argv.slice(2);
  const email = z.email().safeParse(address?.toLowerCase());
  if (!email.success || !name?.trim()) throw new BootError('Give an e-mail address and a name.');
  const script = scriptConfig();
  const link = await withDatabase(script, async (target) => {
    const config = portalConfig('admin', portalEnv('admin', target, script));
    return invite(config, { email: email.data, name: name.trim() });
  });
  say(`Open this link within 7 days to set the password (once): ${link}`);
});

/** Through the admin portal's own login and policies, as whoever holds its keys may. */
async function invite(
  config: ReturnType<typeof portalConfig>,
  who: { email: string; name: string },
): Promise<string> {
  const id = uuid();
  const actor = { kind: 'staff', id, role: 'operator', name: who.name } as const;
  const scope: Scope = { surface: 'admin', marketId: null, actor, receipt: 'create:admin' };
  const database = createDatabase({ ...config.database, key: config.contextKeys[0]! });
  try {
    await inviteStaff(database.scoped(scope), { ...who, role: 'operator', locale: 'en' }, id);
    const tokens = createTokens('admin', config.tokenKeys);
    return await staffInvitationLink({ tokens, config, clock: () => new Date() }, id);
  } finally {
    await database.close();
  }
}
