import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { keyText } from '../../server/public/publishable-key.ts';
import { runScript, say } from '../run.ts';
import { marketId } from './bench.database.ts';
import { machine, median } from './bench.report.ts';
import { shuffled } from './bench.worker.ts';
import { keyIdOf, MARKETS, type StorefrontDatabase, startStorefront } from './storefront.database.ts';
import type { ServeTask } from './storefront.serve.ts';

const CONCURRENCY = 16;
const names = ['postgraphile', 'postgraphile again', 'public', 'public, 304'] as const;
type Name = (typeof names)[number];

interface Target {
  readonly child: ChildProcess;
  readonly port: number;
  /** Of a request for the n-th market. */
  readonly ask: (market: number) => { path: string; headers: Record<string, string>; body?: string };
}

/** Requests per second of wall time, and per second that the serving process computed. */
interface Rate {
  readonly wall: number;
  readonly core: number;
}

const QUERY = `{ allOffers(first: 20, orderBy: CREATED_AT_DESC) { nodes {
  rowId titleEn titleAr textEn textAr price oldPrice currency startsAt endsAt claimLimit claimLimitPerShopper
  category: categoryByCategoryId { slug nameEn nameAr } image: imageByMarketIdAndImageId { rowId width height }
  claims: offerClaimByMarketIdAndOfferId { claimed }
  places: offerBranchesByMarketIdAndOfferIdList { branch: branchByMarketIdAndBranchId { rowId nameEn nameAr } }
} } }`;

async function serve(kind: ServeTask['kind'], database: StorefrontDatabase) {
  const child = fork(join(import.meta.dirname, 'storefront.serve.ts'), {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production', GRAPHILE_ENV: 'production' },
  });
  child.send({ kind, database } satisfies ServeTask);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { child, port };
}

function fetchOnce(
  agent: Agent,
  { port, ask }: Target,
  market: number,
): Promise<{ status: number; text: string; etag: string }> {
  return new Promise((resolve, reject) => {
    const { path, headers, body } = ask(market);
    const sent = request(
      { agent, host: '127.0.0.1', port, path, headers, method: body ? 'POST' : 'GET' },
      (res) => {
        let text = '';
        res.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        res.on('end', () => resolve({ status: res.statusCode!, text, etag: res.headers.etag ?? '' }));
      },
    );
    sent.on('error', reject).end(body);
  });
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage];
  return (user + system) / 1e6;
}

async function slice(agent: Agent, target: Target, milliseconds: number): Promise<Rate> {
  let done = 0;
  const before = await cpuOf(target.child);
  const start = performance.now();
  const worker = async () => {
    while (performance.now() - start < milliseconds) {
      const { status, text } = await fetchOnce(agent, target, Math.floor(Math.random() * MARKETS));
      if (status !== 304 && (status !== 200 || text.length < 5_000))
        throw new Error(`${status} ${text.slice(0, 300)}`);
      done++;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const seconds = (performance.now() - start) / 1_000;
  return { wall: done / seconds, core: done / ((await cpuOf(target.child)) - before) };
}

interface Ours {
  readonly id: string;
  readonly price: number;
  readonly category: { readonly slug: string };
  readonly image: { readonly width: number };
  readonly remaining: number;
  readonly branches: readonly { readonly id: string }[];
}

interface Theirs {
  readonly rowId: string;
  readonly price: number;
  readonly category: { readonly slug: string };
  readonly image: { readonly width: number };
  readonly claimLimit: number;
  readonly claims: { readonly claimed: number };
  readonly places: readonly { readonly branch: { readonly rowId: string } }[];
}

/** Both must say the same of a market before it counts how fast they do. */
async function compare(agent: Agent, targets: Record<Name, Target>): Promise<void> {
  const [ours, theirs] = await Promise.all([
    fetchOnce(agent, targets.public, 7),
    fetchOnce(agent, targets.postgraphile, 7),
  ]);
  const mine = (JSON.parse(ours.text).items as Ours[]).map((offer) => ({
    ...{
      id: offer.id,
      price: offer.price,
      slug: offer.category.slug,
      width: offer.image.width,
      left: offer.remaining,
    },
    branches: offer.branches.map(({ id }) => id).sort(),
  }));
  if (!theirs.text.startsWith('{"data":{')) throw new Error(theirs.text.slice(0, 1_000));
  const other = (JSON.parse(theirs.text).data.allOffers.nodes as Theirs[]).map((offer) => ({
    ...{ id: offer.rowId, price: offer.price, slug: offer.category.slug, width: offer.image.width },
    left: offer.claimLimit - offer.claims.claimed,
    branches: offer.places.map(({ branch }) => branch.rowId).sort(),
  }));
  if (JSON.stringify(mine) !== JSON.stringify(other)) throw new Error('They serve different rows');
}

async function measure(database: StorefrontDatabase, rounds: number, milliseconds: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const body = JSON.stringify({ query: QUERY });
  const graphile = {
    ask: (market: number) => ({
      ...{ path: '/graphql', body },
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-tenant': marketId(market),
      },
    }),
  };
  const etags: string[] = [];
  const ours = (market: number) => ({
    ...{
      path: '/public/v1/offers',
      headers: { 'bulkhead-key': keyText(keyIdOf(market)) } as Record<string, string>,
    },
  });
  const open = await serve('public', database);
  const targets: Record<Name, Target> = {
    postgraphile: { ...(await serve('postgraphile', database)), ...graphile },
    'postgraphile again': { ...(await serve('postgraphile', database)), ...graphile },
    public: { ...open, ask: ours },
    'public, 304': {
      ...open,
      ask: (market) => ({
        ...ours(market),
        headers: { ...ours(market).headers, 'if-none-match': etags[market]! },
      }),
    },
  };
  try {
    await compare(agent, targets);
    for (let market = 0; market < MARKETS; market++)
      etags.push((await fetchOnce(agent, targets.public, market)).etag);
    const rates: Record<Name, Rate[]> = {
      postgraphile: [],
      'postgraphile again': [],
      public: [],
      'public, 304': [],
    };
    for (const name of names) await slice(agent, targets[name], milliseconds * 3);
    for (let round = 0; round < rounds; round++) {
      for (const name of shuffled(names)) rates[name].push(await slice(agent, targets[name], milliseconds));
    }
    return rates;
  } finally {
    agent.destroy();
    for (const { child } of Object.values(targets)) child.kill();
  }
}

const descriptions: Record<Name, string> = {
  postgraphile: 'PostGraphile 5, market in pgSettings',
  'postgraphile again': 'PostGraphile once more: the control',
  public: '`GET /public/v1/offers`: everything on',
  'public, 304': 'the same, asked again with its ETag',
};

function report(rates: Record<Name, Rate[]>): string {
  const ratio = (name: Name, by: keyof Rate) =>
    median(rates[name].map((rate, round) => rate[by] / rates.postgraphile[round]![by]));
  const lines = names.map((name) => {
    const of = (by: keyof Rate) => Math.round(median(rates[name].map((rate) => rate[by])));
    const ratios = (['wall', 'core'] as const).map((by) => ratio(name, by).toFixed(2));
    return `| ${descriptions[name]} | ${of('wall')} | ${ratios[0]} | ${of('core')} | ${ratios[1]} |`;
  });
  const control = ratio('postgraphile again', 'core');
  const met = (text: string, value: number, is: boolean) =>
    `- ${is ? 'met' : 'NOT MET'}: ${text}: ${value.toFixed(2)}`;
  return [
    '| 20 offers with category, picture, branches and what is left, 16 at once | per s | ratio | per core and s | ratio |\n| --- | ---: | ---: | ---: | ---: |',
    ...lines,
    '',
    met('control within 5 %, per core', control, Math.abs(control - 1) <= 0.05),
    met('at least 2 × PostGraphile, by wall time', ratio('public', 'wall'), ratio('public', 'wall') >= 2),
    met('at least 2 × PostGraphile, per core', ratio('public', 'core'), ratio('public', 'core') >= 2),
  ].join('\n');
}

await runScript('bench:storefront', async () => {
  const quick = process.argv.includes('--quick');
  say('A database of 1,000 markets …');
  const { database, stop } = await startStorefront();
  try {
    const [rounds, milliseconds] = quick ? [5, 500] : [15, 1_000];
    const about = machine('PostgreSQL 18');
    const rates = await measure(database, rounds, milliseconds);
    const text = `# Storefront list against PostGraphile 5\n\n${about}; ${rounds} rounds, slices of ${milliseconds} ms, 10 connections each.\n\n${report(rates)}`;
    say(`\n${text}`);
    if (!quick) writeFileSync(join(import.meta.dirname, 'RESULTS.storefront.md'), `${text}\n`);
  } finally {
    await stop();
  }
});
