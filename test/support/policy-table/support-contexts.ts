import { signContext } from '../../../server/market/context.ts';
import type { Scope } from '../../../server/market/scope.ts';
import { supportScope } from '../../../server/support/sessions/support-scope.ts';
import { amber, basil } from '../two-markets.ts';
import type { ContextCase } from './contexts.ts';
import type { TestKeys } from './keys.ts';

const READ_ONLY = { readOnly: true } as const;
const row = `where id = '${amber.supportSession}'`;
// A trigger keeps the times of a session that is open.
const ranOut = `set local session_replication_role = replica;
  update support_session set opened_at = now() - interval '1 hour', expires_at = now() - interval '1 second' ${row};
  set local session_replication_role = origin`;

/** Statements of support sessions: one that is open, and each way in which one is none. */
export function supportCases(keys: TestKeys): ContextCase[] {
  const open = supportScope(amber.marketId, amber.supportSession, 'test');
  const signed = (scope: Scope) => (pid: number) => signContext(scope, keys.partner, pid);
  const doubted = (name: string, scope: Scope, more: Partial<ContextCase> = READ_ONLY): ContextCase => ({
    ...{ name: `support session, ${name}`, scope: null, text: signed(scope) },
    ...more,
  });
  const other = (marketId: string, id: string) => supportScope(marketId, id, 'test');
  const changed = (sql: string) => ({ ...READ_ONLY, arranged: sql });
  return [
    { name: 'support session', scope: open, text: signed(open), ...READ_ONLY },
    doubted('may write', open, {}),
    doubted('asked for', other(amber.marketId, amber.askedSupportSession)),
    doubted('stopped', other(amber.marketId, amber.endedSupportSession)),
    doubted("another market's", other(amber.marketId, basil.supportSession)),
    doubted('as an owner', { ...open, actor: { ...open.actor, role: 'owner' } }),
    doubted('run out', open, changed(ranOut)),
    doubted(
      'of a market that allows none',
      open,
      changed(`update market set support_consent = 'never' where id = '${amber.marketId}'`),
    ),
    doubted(
      'of a market that is suspended',
      open,
      changed(`update market set state = 'suspended' where id = '${amber.marketId}'`),
    ),
    doubted(
      'of somebody who was disabled',
      open,
      changed(
        `update staff_user set state = 'disabled' where id = (select staff_user_id from support_session ${row})`,
      ),
    ),
  ];
}
