import type { BenchDatabase } from './bench.database.ts';
import { makeVariant, type Variant, type VariantName, variantNames } from './bench.variants.ts';

export interface ThroughputTask {
  readonly kind: 'throughput';
  readonly database: BenchDatabase;
  readonly rounds: number;
  readonly slice: number;
  readonly concurrencies: readonly number[];
}

export interface GrowthTask {
  readonly kind: 'growth';
  readonly databases: readonly BenchDatabase[];
  readonly rounds: number;
  readonly queries: number;
}

/** Requests per second of wall time, and per second that the measuring process itself computed. */
export interface Rate {
  readonly wall: number;
  readonly core: number;
}

/** Rates of each variant in each round, by concurrency. */
export type Throughput = Record<number, Record<VariantName, Rate[]>>;
/** Median milliseconds of each variant in each round, by number of markets. */
export type Growth = Record<number, Record<'a' | 'b' | 'd', number[]>>;

export function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}

const randomMarket = (database: BenchDatabase) => Math.floor(Math.random() * database.markets);

/** Rates over a slice of so many milliseconds. */
async function slice(
  variant: Variant,
  database: BenchDatabase,
  concurrency: number,
  milliseconds: number,
): Promise<Rate> {
  let done = 0;
  const computed = process.cpuUsage();
  const start = performance.now();
  const worker = async () => {
    while (performance.now() - start < milliseconds) {
      const count = await variant.list(randomMarket(database));
      if (count !== 20) throw new Error(`Expected 20 offers, got ${count}`);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const wall = (done * 1000) / (performance.now() - start);
  const { user, system } = process.cpuUsage(computed);
  return { wall, core: (done * 1e6) / (user + system) };
}

async function throughput({
  database,
  rounds,
  slice: length,
  concurrencies,
}: ThroughputTask): Promise<Throughput> {
  const variants = new Map<VariantName, Variant>();
  for (const name of variantNames) variants.set(name, await makeVariant(name, database));
  const result: Throughput = {};
  for (const concurrency of concurrencies) {
    const rates = Object.fromEntries(variantNames.map((name) => [name, [] as Rate[]])) as Record<
      VariantName,
      Rate[]
    >;
    for (const variant of variants.values()) await slice(variant, database, concurrency, length);
    for (let round = 0; round < rounds; round++) {
      for (const name of shuffled(variantNames))
        rates[name].push(await slice(variants.get(name)!, database, concurrency, length));
    }
    result[concurrency] = rates;
  }
  for (const variant of variants.values()) await variant.close();
  return result;
}

/** Half-slow half-fast: the middle of the times of single queries, one after the other. */
async function medianTime(variant: Variant, database: BenchDatabase, queries: number): Promise<number> {
  const times: number[] = [];
  for (let query = 0; query < queries; query++) {
    const start = performance.now();
    await variant.list(randomMarket(database));
    times.push(performance.now() - start);
  }
  return times.sort((one, other) => one - other)[queries >> 1]!;
}

async function growth({ databases, rounds, queries }: GrowthTask): Promise<Growth> {
  const names = ['a', 'b', 'd'] as const;
  const result: Growth = {};
  const runs: { name: (typeof names)[number]; database: BenchDatabase; variant: Variant }[] = [];
  for (const database of databases) {
    result[database.markets] = { a: [], b: [], d: [] };
    for (const name of names) runs.push({ name, database, variant: await makeVariant(name, database) });
  }
  for (const { variant, database } of runs) await medianTime(variant, database, queries);
  for (let round = 0; round < rounds; round++) {
    for (const { name, database, variant } of shuffled(runs)) {
      result[database.markets]![name].push(await medianTime(variant, database, queries));
    }
  }
  for (const { variant } of runs) await variant.close();
  return result;
}

process.once('message', async (task: ThroughputTask | GrowthTask) => {
  const result = task.kind === 'growth' ? await growth(task) : await throughput(task);
  process.send!(result, () => process.exit(0));
});
