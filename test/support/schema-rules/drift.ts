import type { Client } from 'pg';
import { withEngine } from '../../../server/db/setup/migrations.ts';

const BESIDE = 'prisma_beside';

/** The tables as Prisma itself would make them from the text of schema.prisma. */
async function prismaDdl(superuserUrl: string, schema: string): Promise<string> {
  const { stdout } = await withEngine(superuserUrl, (engine) =>
    engine.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: schema }] },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    }),
  );
  return (stdout ?? '').replace(/^CREATE SCHEMA .*$/m, '');
}

// A generated column has no default for Prisma; everything else is to be equal, names of keys and indexes included.
const SHAPE_SQL = `
  select format('%s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
      case when a.attnotnull then ' not null' else '' end,
      coalesce(' default ' || case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end, '')) as line
  from pg_class c join pg_attribute a on a.attrelid = c.oid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped and c.relname <> '_prisma_migrations'
  union all
  select regexp_replace(pg_get_indexdef(indexrelid), ' ON (ONLY )?\\S+\\.', ' ON ') from pg_index join pg_class c on c.oid = indrelid
  where c.relnamespace = $1::regnamespace and not c.relispartition and c.relname <> '_prisma_migrations'
  union all
  select format('%s %s %s', c.relname, k.conname, pg_get_constraintdef(k.oid)) from pg_constraint k join pg_class c on c.oid = conrelid
  where c.relnamespace = $1::regnamespace and k.contype in ('p', 'u', 'f') and not c.relispartition and c.relname <> '_prisma_migrations'`;

async function shape(client: Client, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(SHAPE_SQL, [schema]);
  return rows.map(({ line }) => line.replaceAll(`${schema}.`, '')).sort();
}

/**
 * Where the migrated tables differ from what schema.prisma says: Prisma makes them once more beside the others, in a
 * transaction that is rolled back, and the catalogue is asked about both. (The engine's own diff can't read a
 * PostgreSQL 18: it takes NOT NULL constraints for something it does not know.)
 */
export async function schemaDrift(client: Client, superuserUrl: string, schema: string): Promise<string[]> {
  const ddl = await prismaDdl(superuserUrl, schema);
  await client.query('begin');
  try {
    await client.query(`create schema ${BESIDE}; set local search_path = ${BESIDE}`);
    await client.query(ddl);
    await client.query('set local search_path = pg_catalog');
    const said = await shape(client, BESIDE);
    const made = await shape(client, 'public');
    return [
      ...said
        .filter((line) => !made.includes(line))
        .map((line) => `schema.prisma has, the database lacks: ${line}`),
      ...made
        .filter((line) => !said.includes(line))
        .map((line) => `the database has, schema.prisma lacks: ${line}`),
    ];
  } finally {
    await client.query('rollback');
  }
}
