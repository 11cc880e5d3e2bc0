import { basil } from '../fixture/sides.ts';
import { type Answer, addressOf } from './ask.ts';
import {
  type Attack,
  extraAttacks,
  fieldAttacks,
  pathAttacks,
  plainPathAttacks,
  type Sent,
} from './attacks.ts';
import type { Control, Survey } from './controls.ts';
import { difference, essence, leaksIn } from './judge.ts';
import type { Person } from './people.ts';
import { keyOf } from './routes.ts';
import type { World } from './world.ts';

export interface Finding {
  readonly route: string;
  readonly person: string;
  readonly attack: string;
  readonly what: string;
}

export interface Crawl {
  readonly requests: number;
  readonly findings: readonly Finding[];
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface CrawlOptions {
  /** Who may do less, and is tried with ids as well. */
  readonly lesser?: Person;
  /** Besides what is always looked for: whatever else must not stand in an answer to this person. */
  readonly secrets?: (person: Person, answer: Answer, sentId: string) => string[];
}

/** Sends every attack on every route, as whom the route works for, and as an analyst where it is about ids. */
export async function crawlPartner(
  world: World,
  { controls }: Pick<Survey, 'controls'>,
  { lesser = world.people.analyst, secrets = () => [] }: CrawlOptions = {},
): Promise<Crawl> {
  const crawler = new Crawler(world, { secrets });
  const patterns = new Set<string>();
  for (const control of controls) {
    const { ids } = world;
    const isNew = !patterns.has(control.route.path);
    patterns.add(control.route.path);
    const paths = isNew ? pathAttacks(control, ids) : plainPathAttacks(control, ids);
    for (const attack of [...paths, ...fieldAttacks(control, ids), ...extraAttacks(control)])
      await crawler.launch(control, control.person, attack);
    for (const attack of plainPathAttacks(control, ids)) await crawler.launch(control, lesser, attack);
  }
  return crawler;
}

/** Staff see every market: foreign is what belongs to another market than the one in the path, or to other staff. */
export async function crawlAdmin(world: World, { controls }: Survey): Promise<Crawl> {
  const crawler = new Crawler(world, { looksForLeaks: false });
  for (const control of controls) {
    const isNested = control.route.params.length > 1;
    const foreignFor = (id: string) =>
      isNested ? world.ids.counterpart.get(id) : othersSession(world, control);
    for (const attack of pathAttacks(control, world.ids, foreignFor))
      await crawler.launch(control, control.person, attack);
  }
  return crawler;
}

function othersSession({ ids }: World, { route, person }: Control): string | undefined {
  if (!route.path.includes('/sessions/')) return undefined;
  return ids.shared.get('staff_session')?.[person.name === 'operator' ? 1 : 0];
}

/** Files of the trail hold that they were asked for: no two answers are the same. What leaks is looked for all the same. */
const NOTES_ITSELF = new Set(['GET /audit/file', 'GET /audit/platform/file']);

class Crawler implements Crawl {
  requests = 0;
  readonly findings: Finding[] = [];
  private readonly world: World;
  private readonly looksForLeaks: boolean;

  private readonly secrets: NonNullable<CrawlOptions['secrets']>;

  constructor(
    world: World,
    {
      looksForLeaks = true,
      secrets = () => [],
    }: { looksForLeaks?: boolean; secrets?: CrawlOptions['secrets'] } = {},
  ) {
    this.world = world;
    this.secrets = secrets;
    this.looksForLeaks = looksForLeaks;
  }

  /** Sends all of an attack's requests; each starts from the same rows. */
  async launch(control: Control, person: Person, attack: Attack): Promise<void> {
    const report = (what: string) =>
      this.findings.push({ route: keyOf(control.route), person: person.name, attack: attack.name, what });
    await this.world.rows.forgetCounters();
    let first: { sent: Sent; essence: string } | undefined;
    for (const [index, sent] of attack.asks.entries()) {
      const answer = await person.send(sent.ask);
      this.requests++;
      for (const what of this.faultsOf(person, sent, answer)) report(what);
      // A refusal is looked after as well, but with the last of its kind.
      if (!SAFE.has(sent.ask.method) && (answer.status < 400 || index === attack.asks.length - 1))
        for (const what of await this.changesBy(sent)) report(what);
      const one = essence(answer, sent, this.world.ids);
      first ??= { sent, essence: one };
      if (one !== first.essence && !NOTES_ITSELF.has(keyOf(control.route)))
        report(`${first.sent.kind} ≢ ${sent.kind} (${sent.id}): ${difference(first.essence, one)}`);
    }
  }

  private faultsOf(person: Person, { ask, id }: Sent, answer: Answer): string[] {
    const what = `${ask.method} ${addressOf(ask)} → ${answer.status}`;
    const foreign = this.looksForLeaks ? leaksIn(answer, this.world.ids, id) : [];
    const leaks = [...new Set([...foreign, ...this.secrets(person, answer, id)])];
    return [
      ...(answer.status >= 500 ? [what] : []),
      ...(leaks.length > 0 ? [`${what} tells ${leaks.slice(0, 3).join(', ')}`] : []),
    ];
  }

  private async changesBy({ ask }: Sent): Promise<string[]> {
    const foreign = (await this.world.reset()).filter((key) => key.endsWith(basil.marketId));
    return foreign.length > 0 ? [`${ask.method} ${addressOf(ask)} changed ${foreign.join(', ')}`] : [];
  }
}
