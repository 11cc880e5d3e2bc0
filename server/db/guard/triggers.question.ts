import { triggers } from '../access/triggers.ts';
import { type Check, type Finding, finding, type Questioned, rows } from './check.ts';

const TRIGGER_SQL = `
  select tgname as name, tgrelid::regclass::text as table, pg_get_triggerdef(oid) as definition, tgenabled in ('O', 'A') as enabled
  from pg_trigger where not tgisinternal and tgparentid = 0
    and tgrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)`;

interface TriggerRow {
  name: string;
  table: string;
  definition: string;
  enabled: boolean;
}

/** The triggers are the declared ones and switched on: they keep the limits of claims and feed the rollups. */
export async function askTriggers({ client }: Questioned): Promise<Check> {
  const missing = new Set(Object.keys(triggers));
  const findings: Finding[] = [];
  for (const { name, table, definition, enabled } of await rows<TriggerRow>(client, TRIGGER_SQL)) {
    missing.delete(name);
    const gone = `drop trigger ${name} on ${table};`;
    if (!triggers[name]) findings.push(finding('BH-TRG-004', `trigger ${name} is declared nowhere`, gone));
    else if (triggers[name] !== definition) {
      const text = `trigger ${name} is not as the migrations made it`;
      findings.push(finding('BH-TRG-002', text, `${gone} ${triggers[name]};`));
    } else if (!enabled) {
      const mend = `alter table ${table} enable trigger ${name};`;
      findings.push(finding('BH-TRG-003', `trigger ${name} is switched off`, mend));
    }
  }
  for (const name of missing) {
    findings.push(
      finding('BH-TRG-001', `trigger ${name} is missing; run npm run db:migrate`, `${triggers[name]};`),
    );
  }
  return { name: 'triggers', findings };
}

// Only a superuser can make it: where there was none, db:roles said so, and the schema is not there either.
const KEEPER_SQL = `
  select 'the event trigger that keeps logins from giving up their policies is gone or switched off; run npm run db:roles' as finding
  where exists (select from pg_namespace where nspname = 'guard') and not exists (
    select from pg_event_trigger where evtname = 'bulkhead_keep_policies' and evtenabled in ('O', 'A')
      and evtevent = 'ddl_command_start' and evttags @> '{DROP OWNED,ALTER DEFAULT PRIVILEGES}')`;

/** A login can't take its own policies away. */
export async function askKeeper({ client }: Questioned): Promise<Check> {
  const found = await rows<{ finding: string }>(client, KEEPER_SQL);
  const findings = found.map(({ finding: text }) => finding('BH-TRG-005', text, 'npm run db:roles'));
  return { name: 'policies are kept', findings };
}
