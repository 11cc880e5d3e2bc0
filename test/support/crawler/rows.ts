import pg from 'pg';
import { fixtureId } from '../fixture/sides.ts';
import { marketKeyOf, quoted, readTables, type TableShape } from '../fixture/tables.ts';

/** `table/owner` → digest of those rows; the owner is a market's id, `amber`/`basil` for people, or nothing. */
export type Digests = ReadonlyMap<string, string>;

/** Whether it is rows of the trail. Refusals and checks are written there behind the answer, so that it tells nothing by its time. */
export const isTrail = (changed: string): boolean => /^(platform_)?audit_/.test(changed);

/** Counters, and what each sign-in writes: no part of anybody's data. */
const isIgnored = ({ name }: TableShape): boolean =>
  name.endsWith('_throttle') || name.includes('.') || name === '_prisma_migrations';

/** All rows as they were at one moment: to see what changed since, and to go back to it. */
export class Rows {
  private readonly client: pg.Client;
  private readonly tables: readonly TableShape[];
  private baseline: Digests = new Map();
  /** What `versions` told of each table when its rows were as in the baseline. */
  private unchanged = new Map<string, string>();

  private constructor(client: pg.Client, tables: readonly TableShape[]) {
    this.client = client;
    this.tables = tables;
  }

  static async open(superuserUrl: string): Promise<Rows> {
    const client = new pg.Client({ connectionString: superuserUrl });
    // The server may go before us when a run is cut off.
    client.on('error', () => undefined);
    await client.connect();
    const tables = (await readTables(client)).filter((table) => !isIgnored(table));
    return new Rows(client, tables);
  }

  close(): Promise<void> {
    return this.client.end();
  }

  async query<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.client.query<Row>(text, values)).rows;
  }

  /** For work of several statements, past row-level security like all of this. */
  use<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return work(this.client);
  }

  /** From now on this moment is the one to compare with and go back to. */
  async keep(): Promise<void> {
    for (const { name } of this.tables) {
      await this.client.query(`drop table if exists pg_temp.${kept(name)}`);
      await this.client.query(`create temp table ${kept(name)} as table public.${quoted(name)}`);
    }
    const digests = [];
    for (const table of this.tables) digests.push(...(await this.digestsOf(table)));
    this.baseline = new Map(digests);
    this.unchanged = await this.versions();
  }

  /** Owners of rows that differ from the kept ones, as `table/owner`. */
  async changed(): Promise<string[]> {
    const versions = await this.versions();
    const touched = this.tables.filter(({ name }) => versions.get(name) !== this.unchanged.get(name));
    const changed: string[] = [];
    for (const table of touched) {
      const now = await this.digestsOf(table);
      const before = [...this.baseline].filter(([key]) => key.startsWith(`${table.name}/`));
      const keys = new Set([...now.keys(), ...before.map(([key]) => key)]);
      const differing = [...keys].filter((key) => now.get(key) !== this.baseline.get(key));
      // Written, and yet as it was: so it is after each restoring.
      if (differing.length === 0) this.unchanged.set(table.name, versions.get(table.name)!);
      changed.push(...differing);
    }
    return changed.sort();
  }

  /** Puts the rows of these tables back. Triggers and foreign keys sleep: the kept state obeyed them. */
  async restore(changed: readonly string[]): Promise<void> {
    const names = new Set(changed.map((key) => key.split('/')[0]!));
    if (names.size === 0) return;
    const statements = this.tables.filter(({ name }) => names.has(name)).map(restoreSql);
    await this.client.query(
      `begin; set local session_replication_role = replica; ${statements.join(' ')} commit`,
    );
  }

  /** What limits have counted so far: how much was asked before must not decide how an attack is answered. */
  async forgetCounters(): Promise<void> {
    await this.client.query('delete from partner_throttle; delete from admin_throttle');
  }

  /** Takes away all rows of one market, until they are restored. */
  async remove(marketId: string): Promise<void> {
    const statements = this.tables.flatMap((table) => {
      const key = marketKeyOf(table);
      return key
        ? [`delete from public.${quoted(table.name)} where ${quoted(key)} = ${literal(marketId)};`]
        : [];
    });
    await this.client.query(
      `begin; set local session_replication_role = replica; ${statements.join(' ')} commit`,
    );
  }

  /**
   * Count and transaction ids of each table's rows, which differ after whatever was written: a quarter of the work of
   * digests, and most requests write nothing.
   */
  private async versions(): Promise<Map<string, string>> {
    const parts = this.tables.map(
      ({ name }) =>
        `select ${literal(name)} as name, count(*) || ' ' || coalesce(sum(xmin::text::bigint), 0) as version from public.${quoted(name)}`,
    );
    const { rows } = await this.client.query<{ name: string; version: string }>({
      name: 'versions',
      text: parts.join(' union all '),
    });
    return new Map(rows.map(({ name, version }) => [name, version]));
  }

  private async digestsOf(table: TableShape): Promise<Digests> {
    // Prepared: planning it costs more than running it.
    const { rows } = await this.client.query<{ key: string; digest: string }>({
      name: `digests of ${table.name}`,
      text: `select ${literal(table.name)} || '/' || ${ownerSql(table)} as key,
          md5(string_agg(x::text, ' | ' order by x::text)) as digest
        from public.${quoted(table.name)} x group by 1`,
    });
    return new Map(rows.map(({ key, digest }) => [key, digest]));
  }
}

function restoreSql({ name, columns }: TableShape): string {
  const names = columns
    .filter(({ generated }) => !generated)
    .map((column) => quoted(column.name))
    .join(', ');
  const table = `public.${quoted(name)}`;
  return `delete from ${table}; insert into ${table} (${names}) select ${names} from pg_temp.${kept(name)};`;
}

function ownerSql(table: TableShape): string {
  const key = marketKeyOf(table);
  if (key) return `coalesce(${quoted(key)}::text, '')`;
  if (table.name !== 'partner_user') return `''`;
  return `case when email like 'marker-basil%' then ${literal(fixtureId('market', 'basil'))} else 'other' end`;
}

const kept = (name: string) => quoted(`kept_${name}`);
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
