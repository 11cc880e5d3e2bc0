import { join } from 'node:path';
import { BootError } from '../server/boot-error.ts';
import { type PortalName, scriptConfig } from '../server/config.ts';
import { hold } from '../server/db/embedded/holder.ts';
import { build, generateClient } from './build.steps.ts';
import { openDatabase, type Script, setUpRoles, setUpTables, type Target } from './database.ts';
import { type DemoShop, startDemoShop } from './demo-shop/demo-shop.ts';
import { DEMO_SHOP } from './demo-shop/market.ts';
import { portalEnv } from './portal.env.ts';
import { type PortalProcess, startPortal, untilHealthy } from './portal.process.ts';
import { type PortUse, requireFreePorts } from './ports.ts';
import { runScript, say } from './run.ts';
import { demoKey, seedIfEmpty } from './seed.steps.ts';
import { type Ending, endingSignals } from './signals.ts';

const names: PortalName[] = ['admin', 'partner'];

// npm start: from a fresh checkout to two answering portals; Ctrl-C ends everything that was started here.
await runScript('start', async () => {
  const script = scriptConfig();
  const ending = endingSignals();
  const letGo = holdCheckout(script);
  const started: PortalProcess[] = [];
  const compiling = new AbortController();
  let target: Target | undefined;
  let shop: DemoShop | null = null;
  try {
    const host = script.passedOn.HOST ?? '127.0.0.1';
    await requireFreePorts(portUses(script), host);
    await generateClient({ onlyIfStale: true });
    const building = build({ onlyIfStale: true, signal: compiling.signal });
    building.catch(() => undefined);
    target = await openDatabase(script);
    const demo = await prepare(target, script);
    await building;
    ending.throwIfAsked();
    for (const name of names) {
      started.push(
        startPortal(
          name,
          { HOST: host, ...script.passedOn, ...portalEnv(name, target, script) },
          script.home,
        ),
      );
    }
    await ending.orElse(
      Promise.all(started.map((portal) => untilHealthy(portal, script.ports[portal.name]))),
    );
    if (!ending.asked) shop = await openShop(script, target, host);
    if (!ending.asked) announce(script, demo, shop !== null);
    await untilAnythingEnds(started, target, ending);
  } finally {
    compiling.abort();
    await shop?.close();
    await stopAll(started, ending);
    await target?.stop();
    letGo();
  }
});

function holdCheckout(script: Script): () => void {
  const already = (pid: number) =>
    `Already running here (process ${pid}): admin on port ${script.ports.admin}, partner on ${script.ports.partner}. Stop it with Ctrl-C there.`;
  return hold(script.home, already, 'start.pid');
}

async function prepare(target: Target, script: Script): Promise<string[]> {
  for (const warning of await setUpRoles(target)) say(`Warning: ${warning}.`);
  const applied = await setUpTables(target, script.bindsPid);
  if (applied.length > 0) say(`Database: ${applied.length} migrations applied.`);
  return script.seed ? seedIfEmpty(target.url, join(script.home, 'uploads')) : [];
}

function portUses({ ports, demoShopPort }: Script): PortUse[] {
  const portals = names.map((name) => ({
    ...{ what: `the ${name} portal`, setting: `${name.toUpperCase()}_PORT`, port: ports[name] },
  }));
  if (demoShopPort === null) return portals;
  return [...portals, { what: 'the demo shop', setting: 'DEMO_SHOP_PORT', port: demoShopPort }];
}

/** A page of another origin with the widget in it; none where no demo key is there to embed. */
async function openShop(script: Script, { url }: Target, host: string): Promise<DemoShop | null> {
  const key = script.demoShopPort === null ? null : await demoKey(url);
  if (script.demoShopPort === null || key === null) return null;
  const bulkhead = `http://localhost:${script.ports.partner}`;
  return startDemoShop({ host, port: script.demoShopPort, bulkhead, key });
}

function announce(script: Script, demo: string[], hasShop: boolean): void {
  say(`
  Admin portal    http://localhost:${script.ports.admin}
  Partner portal  http://localhost:${script.ports.partner}
  Till            http://localhost:${script.ports.partner}/till  (pair it: Partner portal, Devices)${hasShop ? shopLines(script) : ''}
${demo.map((line) => `  ${line}\n`).join('')}
  Logs are in ${join(script.home, 'logs')}. Ctrl-C stops both portals and the database.`);
}

function shopLines({ ports, demoShopPort }: Script): string {
  return `
  Hosted page     http://localhost:${ports.partner}/m/${DEMO_SHOP}
  Widget          http://localhost:${demoShopPort}  (on a page of another origin)`;
}

async function untilAnythingEnds(portals: PortalProcess[], target: Target, ending: Ending): Promise<void> {
  const failures = [...portals.map(({ ended }) => ended)];
  if (target.embedded)
    failures.push(target.embedded.ended.then(() => 'The database server stopped by itself.'));
  const failure = await ending.orElse(Promise.race(failures));
  if (failure !== undefined && !ending.asked) throw new BootError(failure);
}

async function stopAll(portals: PortalProcess[], ending: Ending): Promise<void> {
  for (const portal of portals) portal.stop('SIGTERM');
  const killAll = () => {
    for (const portal of portals) portal.stop('SIGKILL');
  };
  const timer = setTimeout(killAll, 25_000);
  ending.onSecond(killAll);
  await Promise.all(portals.map(({ ended }) => ended));
  clearTimeout(timer);
}
