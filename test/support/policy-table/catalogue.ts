import type { Client } from 'pg';
import { access } from '../../../server/db/access/declaration.ts';
import { accessSql } from '../../../server/db/access/sql.ts';

const POLICIES_SQL = `
  select format('%s: policy %s %s for %s to %s using %s check %s', tablename, policyname, permissive, cmd,
    array_to_string(roles, ','), coalesce(qual, '-'), coalesce(with_check, '-')) as line
  from pg_policies where schemaname = 'public'`;

const GRANTS_SQL = `
  select format('%s: grant %s%s to %s%s', c.relname, a.privilege_type, '', coalesce(r.rolname, 'PUBLIC'),
    case when a.is_grantable then ' with grant option' else '' end) as line
  from pg_class c cross join lateral aclexplode(c.relacl) a left join pg_roles r on r.oid = a.grantee
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and a.grantee <> c.relowner
  union all
  select format('%s: grant %s (%s) to %s%s', c.relname, a.privilege_type, t.attname, coalesce(r.rolname, 'PUBLIC'),
    case when a.is_grantable then ' with grant option' else '' end)
  from pg_class c join pg_attribute t on t.attrelid = c.oid cross join lateral aclexplode(t.attacl) a
    left join pg_roles r on r.oid = a.grantee
  where c.relnamespace = 'public'::regnamespace and not t.attisdropped`;

const FLAGS_SQL = `
  select format('%s: owner %s, row security %s, forced %s', relname, relowner::regrole, relrowsecurity, relforcerowsecurity) as line
  from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
    and relname <> '_prisma_migrations'`;

/** Every policy, grant and row-level-security switch of the database, one sorted line each. */
export async function accessLines(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(
    `${POLICIES_SQL} union all ${GRANTS_SQL} union all ${FLAGS_SQL}`,
  );
  return rows.map(({ line }) => line).sort();
}

/**
 * The lines that the declaration alone gives: everything is taken away and put back from it, in a transaction that
 * is rolled back. PostgreSQL words both sides, so equal lines mean equal policies, brackets and all.
 */
export async function declaredLines(client: Client): Promise<string[]> {
  await client.query('begin');
  try {
    await client.query(STRIP_SQL);
    await client.query('set local role bulkhead_owner');
    for (const [table, declared] of Object.entries(access)) await client.query(accessSql(table, declared));
    return await accessLines(client);
  } finally {
    await client.query('rollback');
  }
}

const STRIP_SQL = `
  do $$ declare each record; begin
    for each in select policyname, tablename from pg_policies where schemaname = 'public' loop
      execute format('drop policy %I on public.%I', each.policyname, each.tablename);
    end loop;
    for each in select relname, attname, coalesce(r.rolname, 'public') as grantee
      from pg_class c join pg_attribute t on t.attrelid = c.oid cross join lateral aclexplode(t.attacl) a
        left join pg_roles r on r.oid = a.grantee where c.relnamespace = 'public'::regnamespace loop
      execute format('revoke all (%I) on public.%I from %s', each.attname, each.relname, each.grantee);
    end loop;
    for each in select distinct relname, coalesce(r.rolname, 'public') as grantee
      from pg_class c cross join lateral aclexplode(c.relacl) a left join pg_roles r on r.oid = a.grantee
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and a.grantee <> c.relowner loop
      execute format('revoke all on public.%I from %s', each.relname, each.grantee);
    end loop;
  end $$`;
