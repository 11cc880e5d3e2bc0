import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { createDatabase } from '../../server/db/client.ts';
import { Converter, convertRows, type Shape } from '../../server/db/convert.ts';
import { Escorts } from '../../server/db/escorts.ts';
import { PrismaClient } from '../../server/db/generated/client.ts';
import { SessionPool } from '../../server/db/pool.ts';
import { type ContextKey, signContext } from '../../server/market/context.ts';
import type { Scope } from '../../server/market/scope.ts';
import { type BenchDatabase, marketId } from './bench.database.ts';

/** One way to list 20 offers of a market; resolves to how many came. */
export interface Variant {
  list(market: number): Promise<number>;
  close(): Promise<void>;
}

interface RawVariant extends Variant {
  rows(market: number): Promise<Record<string, unknown>[]>;
}

const CONNECTIONS = 10;
/** The offers table of the partner portal: its columns, order and length. */
const page = {
  select: {
    ...{
      id: true,
      titleEn: true,
      titleAr: true,
      searchText: true,
      price: true,
      oldPrice: true,
      currency: true,
    },
    ...{
      imageId: true,
      startsAt: true,
      endsAt: true,
      state: true,
      decision: true,
      submittedAt: true,
      updatedAt: true,
    },
  },
  orderBy: [{ updatedAt: 'desc' as const }, { id: 'desc' as const }],
  take: 20,
};

const scopeOf = (market: number): Scope => ({
  surface: 'partner',
  marketId: marketId(market),
  actor: { kind: 'partner', id: '00000000-0000-7000-8000-0000000000aa', role: 'owner', name: 'Bench' },
  receipt: randomUUID(),
});

const stockClient = (url: string) =>
  new PrismaClient({
    adapter: new PrismaPg({ connectionString: url, max: CONNECTIONS }),
    errorFormat: 'minimal',
  });

/** (a) Prisma on stock adapter-pg with a plain `where`, no row-level security. */
function unscoped(database: BenchDatabase): Variant {
  const prisma = stockClient(database.unscopedUrl);
  return {
    list: async (market) =>
      (await prisma.offer.findMany({ where: { marketId: marketId(market) }, ...page })).length,
    close: () => prisma.$disconnect(),
  };
}

/** (b) The product: a scope of its own for each request, signed and verified. */
function scoped(database: BenchDatabase, adapter: 'thin' | 'stock' = 'thin'): Variant {
  const key = { kid: 'bench', key: Buffer.from(database.key, 'base64'), bindsPid: true };
  const client = createDatabase({ url: database.partnerUrl, key, poolSize: CONNECTIONS, adapter });
  return {
    list: async (market) => (await client.scoped(scopeOf(market)).offer.findMany(page)).length,
    close: () => client.close(),
  };
}

/** (c) Prisma's documentation: a batch transaction of set_config and the query. */
function documented(database: BenchDatabase): Variant {
  const prisma = stockClient(database.partnerUrl);
  const key: ContextKey = {
    kid: 'bench-unbound',
    key: Buffer.from(database.unboundKey, 'base64'),
    bindsPid: false,
  };
  return {
    list: async (market) => {
      const context = signContext(scopeOf(market), key, 0);
      const [, offers] = await prisma.$transaction([
        prisma.$executeRaw`select set_config('app.context', ${context}, true)`,
        prisma.offer.findMany({ where: { marketId: marketId(market) }, ...page }),
      ]);
      return offers.length;
    },
    close: () => prisma.$disconnect(),
  };
}

const RAW = `select id, title_en, title_ar, search_text, price, old_price, currency, image_id, starts_at, ends_at,
  state, decision, submitted_at, updated_at
  from offer where market_id = $1 order by updated_at desc, id desc limit 20`;

/** (d) `pg` itself with a named statement, scoped, rows made into objects: the limit. */
export async function raw(database: BenchDatabase): Promise<RawVariant> {
  const key = { kid: 'bench', key: Buffer.from(database.key, 'base64'), bindsPid: true };
  const pool = new SessionPool({ url: database.partnerUrl, size: CONNECTIONS, named: true });
  const escorts = new Escorts({ key, mode: 'implicit', named: true });
  const converter = new Converter(await new PrismaPg(pool.pg).connect());
  let shape: Shape | undefined;
  const variant: RawVariant = {
    list: async (market) => (await variant.rows(market)).length,
    async rows(market) {
      const session = await pool.acquire();
      try {
        const ran = await session.run(escorts.statement(scopeOf(market)), RAW, [marketId(market)], true);
        shape ??= await converter.shape(ran.fields ?? []);
        const { columnNames, parsers } = shape;
        const rows = convertRows(ran.rows, parsers);
        return rows.map((row) => Object.fromEntries(row.map((value, at) => [columnNames[at]!, value])));
      } finally {
        pool.release(session, false);
      }
    },
    close: () => pool.end(),
  };
  return variant;
}

export const variantNames = ['a', 'a again', 'b', 'b on stock', 'c', 'd'] as const;
export type VariantName = (typeof variantNames)[number];

export async function makeVariant(name: VariantName, database: BenchDatabase): Promise<Variant> {
  if (name === 'b') return scoped(database);
  if (name === 'b on stock') return scoped(database, 'stock');
  if (name === 'c') return documented(database);
  return name === 'd' ? raw(database) : unscoped(database);
}
