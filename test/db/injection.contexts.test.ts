import assert from 'node:assert/strict';
import { CONTEXT_SECONDS, type ContextKey, signContext } from '../../server/market/context.ts';
import { type Drill, startDrill } from '../support/injection-drill.ts';
import { amber, basil, partnerScope, staffScope } from '../support/two-markets.ts';

describe('SQL injection with contexts that are not its own', () => {
  let drill: Drill;
  let key: ContextKey;
  let adminKey: ContextKey;
  let pid: number;

  before(async () => {
    drill = await startDrill();
    key = drill.portals.database.contextKeys.partner[0]!;
    adminKey = drill.portals.database.contextKeys.admin[0]!;
    pid = Number((await drill.inject('select pg_backend_pid() as pid')).rows![0]!.pid);
  });

  after(() => drill?.portals.close());

  const contexts = (): Record<string, string> => {
    const theirs = partnerScope(basil, 'owner');
    const past = Date.now() - (CONTEXT_SECONDS + 5) * 1000;
    const own = signContext(partnerScope(amber, 'owner'), key, pid);
    return {
      'captured on another connection': signContext(theirs, key, pid + 1),
      'captured on this connection, run out': signContext(theirs, key, pid, past),
      'its own with another market': own.replace(amber.marketId, basil.marketId),
      'made up': `${signContext(theirs, key, pid).slice(0, -64)}${'0'.repeat(64)}`,
      'a staff context by the partner’s key': signContext(staffScope('operator'), key, pid),
      'a staff context captured from the admin process': signContext(
        staffScope('operator'),
        adminKey,
        pid + 1,
      ),
      'its own, twice': `${own}${own}`,
      empty: '',
    };
  };

  for (const name of [
    'captured on another connection',
    'captured on this connection, run out',
    'its own with another market',
    'made up',
    'a staff context by the partner’s key',
    'a staff context captured from the admin process',
    'its own, twice',
    'empty',
  ]) {
    it(`sees nothing: ${name}`, async () => {
      const set = (local: boolean) =>
        `select set_config('app.context', '${contexts()[name]}', ${local}) is null as done`;
      const read = 'select title_en from offer';
      for (const local of [true, false]) {
        const first = await drill.inTransaction([
          set(local),
          read,
          'select count(*)::int as count from team_member',
        ]);
        assert.deepEqual(first.rows?.slice(1), [[], [{ count: 0 }]], JSON.stringify(first));
        const second = await drill.inject(
          `with c as materialized (${set(local)}) select title_en from c, offer`,
        );
        drill.assertSilent(second, '');
        await drill.assertUnharmed(name);
      }
    });
  }

  it('does see them with a live context of this very connection: what SECURITY.md says it would take', async () => {
    const live = signContext(partnerScope(basil, 'owner'), key, pid);
    const { rows } = await drill.inTransaction([
      `select set_config('app.context', '${live}', true) is null as done`,
      'select title_en from offer',
    ]);
    assert.match(JSON.stringify(rows), /marker-basil/);
  });

  it('finds no context of anybody else to replay, in settings, statements or sessions', async () => {
    await drill.assertUnharmed('before');
    const { rows } =
      await drill.inject(`select name as at, setting as text from pg_settings union all select name, statement from pg_prepared_statements
        union all select 'context', current_setting('app.context')`);
    drill.assertSilent(rows, '');
    assert.match(JSON.stringify(rows), new RegExp(amber.marketId));
  });
});
