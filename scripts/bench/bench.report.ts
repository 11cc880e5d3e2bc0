import os from 'node:os';
import { type Pages, type Route, routes } from './bench.http.ts';
import { type VariantName, variantNames } from './bench.variants.ts';
import type { Growth, Rate, Throughput } from './bench.worker.ts';

const descriptions: Record<VariantName, string> = {
  a: '(a) unscoped Prisma, stock adapter-pg',
  'a again': '(a) once more: the control',
  b: '(b) scoped Prisma, signed context',
  'b on stock': '(b) with DB_ADAPTER=stock',
  c: '(c) Prisma’s documented pattern',
  d: '(d) raw pg, named statement, scoped',
};

export const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;
const two = (number: number) => number.toFixed(2);
const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [row(head), row(head.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(row)].join('\n');

/** Ratios are taken inside each round, then their median over all rounds of all processes. */
function ratio(
  sets: readonly Throughput[],
  many: number,
  name: VariantName,
  to: VariantName,
  by: keyof Rate,
): number {
  const rounds = sets.flatMap((set) =>
    set[many]![name].map((rate, round) => rate[by] / set[many]![to][round]![by]),
  );
  return median(rounds);
}

/** By wall time, or by the measuring process's own time, which other work on the machine leaves alone. */
export function throughputTable(
  sets: readonly Throughput[],
  concurrencies: readonly number[],
  by: keyof Rate,
): string {
  const unit = by === 'wall' ? 'per s' : 'per s of Node';
  const head = [
    '20 offers of one of 1,000 markets',
    ...concurrencies.flatMap((at) => [`${at} at once: ${unit}`, 'ratio']),
  ];
  const line = (name: VariantName) => [
    descriptions[name],
    ...concurrencies.flatMap((at) => [
      Math.round(median(sets.flatMap((set) => set[at]![name].map((rate) => rate[by])))),
      two(ratio(sets, at, name, 'a', by)),
    ]),
  ];
  return table(head, variantNames.map(line));
}

export interface Verdict {
  readonly text: string;
  readonly met: boolean;
}

export function verdicts(sets: readonly Throughput[], concurrencies: readonly number[]): Verdict[] {
  const check = (text: string, values: readonly number[], meets: (value: number) => boolean) => ({
    text: `${text}: ${values.map(two).join(' / ')}`,
    met: values.every(meets),
  });
  const at = (name: VariantName, to: VariantName) =>
    concurrencies.map((many) => ratio(sets, many, name, to, 'wall'));
  return [
    check(
      'control: (a) against itself within 5 %',
      at('a again', 'a'),
      (value) => Math.abs(value - 1) <= 0.05,
    ),
    check('(b) at least 1.1 × (a)', at('b', 'a'), (value) => value >= 1.1),
    check('(b) at least 3 × (c)', at('b', 'c'), (value) => value >= 3),
  ];
}

export function growthTable(growth: Growth): string {
  const sizes = Object.keys(growth).map(Number);
  const names = ['a', 'b', 'd'] as const;
  const line = (name: (typeof names)[number]) => {
    const times = sizes.map((size) => median(growth[size]![name]));
    return [descriptions[name], ...times.map((time) => `${time.toFixed(3)} ms`), two(growthOf(growth, name))];
  };
  return table(
    ['median time of one list', ...sizes.map((size) => `${size.toLocaleString('en')} markets`), 'growth'],
    names.map(line),
  );
}

function growthOf(growth: Growth, name: 'a' | 'b' | 'd'): number {
  const sizes = Object.keys(growth).map(Number);
  const [smallest, largest] = [growth[Math.min(...sizes)]![name], growth[Math.max(...sizes)]![name]];
  return median(largest.map((time, round) => time / smallest[round]!));
}

export function growthVerdicts(growth: Growth): Verdict[] {
  const [a, b] = [growthOf(growth, 'a'), growthOf(growth, 'b')];
  return [
    { text: `largest within 1.25 × of smallest: ${two(b)}`, met: b <= 1.25 },
    {
      text: `no steeper than the unscoped query's own growth (${two(a)}), within 5 %: ${two(b)}`,
      met: b <= a * 1.05,
    },
  ];
}

const pageNames: Record<Route, string> = {
  bare: 'bare Express route, raw pg, JSON',
  json: '`GET /api/v1/offers`: everything on, JSON',
  html: '`GET /offers`: everything on, HTML',
};

/** Per core: requests in a second that the serving process computed, which other work on the machine leaves alone. */
export function pagesTable(pages: Pages): string {
  const bare = pages.bare.map(({ perCore }) => perCore);
  const line = (route: Route) => [
    pageNames[route],
    Math.round(median(pages[route].map(({ rate }) => rate))),
    Math.round(median(pages[route].map(({ perCore }) => perCore))),
    two(median(pages[route].map(({ perCore }, round) => perCore / bare[round]!))),
  ];
  return table(['whole pages, 16 at once', 'per s', 'per core and s', 'ratio'], routes.map(line));
}

export function machine(postgres: string): string {
  const cpus = os.cpus();
  return `${cpus.length} × ${cpus[0]?.model.trim() ?? 'CPU'}, Node ${process.version}, ${postgres}, load average before ${os.loadavg()[0]!.toFixed(1)}`;
}
