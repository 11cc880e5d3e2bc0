import assert from 'node:assert/strict';
import type { Change, Pulled } from '../../server/sync/sync.answers.ts';
import type { TestTill } from './till.ts';

/** What a till knows of its branch: pages of changes applied in order, each with its cursor. */
export class TillView {
  cursor: string | undefined;
  readonly things = new Map<string, Change>();

  /** One page, applied. */
  async pullPage(till: TestTill, limit = 200): Promise<Pulled> {
    const cursor = this.cursor === undefined ? '' : `&cursor=${this.cursor}`;
    const { status, body } = await till.get(`/pull?limit=${limit}${cursor}`);
    assert.equal(status, 200, JSON.stringify(body));
    this.apply(body);
    return body;
  }

  apply({ changes, cursor }: Pulled): void {
    for (const change of changes) {
      if (change.deleted) this.things.delete(change.id);
      else this.things.set(change.id, change);
    }
    this.cursor = cursor;
  }

  /** All that there is since the last time. */
  async pull(till: TestTill, limit = 500): Promise<this> {
    while ((await this.pullPage(till, limit)).more);
    return this;
  }

  /** The same, as it came. */
  async pullRaw(till: TestTill): Promise<Pulled[]> {
    const pages = [await this.pullPage(till)];
    while (pages.at(-1)!.more) pages.push(await this.pullPage(till));
    return pages;
  }

  of(collection: Change['collection']): Map<string, unknown> {
    const own = [...this.things.values()].filter((each) => each.collection === collection);
    return new Map(own.map(({ id, data }) => [id, data]));
  }

  /** In an order that does not depend on when what came. */
  sorted(): Change[] {
    return [...this.things.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
  }
}
