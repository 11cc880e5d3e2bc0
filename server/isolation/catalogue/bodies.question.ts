import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import { type Finding, finding } from '../../db/guard/check.ts';
import { declaredBodies } from './declared-bodies.ts';

const SQL = `
  select p.oid::regprocedure::text as name, coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) as body
  from pg_proc p where p.pronamespace in ('app'::regnamespace, to_regnamespace('guard')) order by 1`;

/** Digests of what functions do, without what versions of PostgreSQL print differently. */
export async function readBodies(client: Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; body: string }>(SQL);
  return Object.fromEntries(rows.map(({ name, body }) => [name, digest(body)]));
}

function digest(body: string): string {
  const plain = body.replace(/::text/g, '').replace(/[()\s]/g, '');
  return createHash('sha256').update(plain).digest('hex').slice(0, 24);
}

/** Every function does what the migrations made it do: a weakened check keeps its name, its owner and its rights. */
export async function askBodies(client: Client): Promise<Finding[]> {
  return Object.entries(await readBodies(client))
    .filter(([name, body]) => declaredBodies[name] !== undefined && declaredBodies[name] !== body)
    .map(([name]) =>
      finding(
        'BH-FUN-009',
        `function ${name} does something else than the migrations made it do`,
        'restore it from its migration',
      ),
    );
}
