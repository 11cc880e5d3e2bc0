import { triggers } from '../access/triggers.ts';
import { type Check, type Questioned, rows } from './check.ts';

const TRIGGER_SQL = `
  select tgname as name, pg_get_triggerdef(oid) as definition, tgenabled in ('O', 'A') as enabled
  from pg_trigger where not tgisinternal and tgparentid = 0
    and tgrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)`;

interface TriggerRow {
  name: string;
  definition: string;
  enabled: boolean;
}

/** The triggers are the declared ones and switched on: they keep the limits of claims and feed the rollups. */
export async function askTriggers({ client }: Questioned): Promise<Check> {
  const missing = new Set(Object.keys(triggers));
  const findings: string[] = [];
  for (const { name, definition, enabled } of await rows<TriggerRow>(client, TRIGGER_SQL)) {
    missing.delete(name);
    if (!triggers[name]) findings.push(`trigger ${name} is declared nowhere`);
    else if (triggers[name] !== definition) findings.push(`trigger ${name} is not as the migrations made it`);
    else if (!enabled) findings.push(`trigger ${name} is switched off`);
  }
  for (const name of missing) findings.push(`trigger ${name} is missing; run npm run db:migrate`);
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
  return { name: 'policies are kept', findings: found.map(({ finding }) => finding) };
}
