import assert from 'node:assert/strict';
import { v7 as uuid } from 'uuid';
import type { Pulled, Result } from '../../../server/sync/sync.answers.ts';
import { redemptionOf } from '../sync.ts';
import type { TestTill, TillCall } from '../till.ts';
import { TillView } from '../till-view.ts';
import { type Fault, Offline, over } from './network.ts';
import type { Random } from './random.ts';

type Operation = ReturnType<typeof redemptionOf>;

/** Whatever is here survives being killed; nothing else does. */
interface Kept {
  readonly queue: Map<string, Operation>;
  readonly view: TillView;
  leaseId: string | undefined;
}

/** A till that goes on from what it has kept, over a network and with a clock that can't be relied on. */
export class SimulatedDevice {
  readonly till: TestTill;
  readonly branchId: string;
  readonly kept: Kept = { queue: new Map(), view: new TillView(), leaseId: undefined };
  /** What it was told about each of its operations, all times. */
  readonly told = new Map<string, Result[]>();
  /** Ids of everything that ever came. */
  readonly seen = new Set<string>();
  isRevoked = false;
  skew = 0;

  constructor(till: TestTill, branchId: string) {
    this.till = till;
    this.branchId = branchId;
  }

  redeem(code: string, now: number): void {
    const { leaseId } = this.kept;
    const at = new Date(now + this.skew);
    const operation = redemptionOf(code, { id: uuid(), at, ...(leaseId ? { leaseId } : {}) });
    this.kept.queue.set(operation.id, operation);
  }

  /** Sends what is kept, in any order and in batches of any size; forgets only what has been answered for good. */
  async push(fault: Fault, random: Random, isKilled = false): Promise<void> {
    const waiting = random.shuffled([...this.kept.queue.values()]);
    const operations = waiting.slice(0, random.int(1, Math.max(waiting.length, 1)));
    const clock = new Date(Date.now() + this.skew).toISOString();
    const body = { operations, state: { clock, queueDepth: waiting.length, appVersion: 'simulated' } };
    const answer = await this.ask({ method: 'POST', path: '/push', body }, fault, random);
    if (!answer || isKilled) return;
    for (const result of answer.results as Result[]) {
      this.told.set(result.id!, [...(this.told.get(result.id!) ?? []), result]);
      if (result.status !== 'limit') this.kept.queue.delete(result.id!);
    }
  }

  async pull(fault: Fault, random: Random, isKilled = false): Promise<boolean> {
    const { view } = this.kept;
    const path = `/pull?limit=${random.pick([1, 3, 20, 500])}${view.cursor ? `&cursor=${view.cursor}` : ''}`;
    const page: Pulled | null = await this.ask({ path }, fault, random);
    for (const { id } of page?.changes ?? []) this.seen.add(id);
    if (!page || isKilled) return false;
    view.apply(page);
    return page.more;
  }

  async lease(fault: Fault, random: Random): Promise<void> {
    const count = random.int(1, 6);
    const answer = await this.ask({ method: 'POST', path: '/leases', body: { count } }, fault, random);
    if (answer) this.kept.leaseId = answer.leaseId;
  }

  /** Everything handed in and fetched, with nothing in the way. */
  async finish(random: Random): Promise<void> {
    while (this.kept.queue.size > 0) await this.push('none', random);
    while (await this.pull('none', random));
  }

  /** @returns null where nothing came back, or where it was told that it is revoked. */
  private async ask(call: TillCall, fault: Fault, random: Random) {
    try {
      const { status, body } = await over(this.till, call, fault, random);
      if (body?.code === 'device-revoked') {
        assert.ok(this.isRevoked);
        return null;
      }
      if (body?.code === 'plan-limit') return null;
      assert.ok(status === 200 || status === 201, `${call.path}: ${status} ${JSON.stringify(body)}`);
      return body;
    } catch (error) {
      if (error instanceof Offline) return null;
      throw error;
    }
  }
}
