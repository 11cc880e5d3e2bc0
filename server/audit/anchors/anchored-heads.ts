/** Where a chain ended when it was looked at. */
export interface Head {
  readonly chain: string;
  readonly seq: number;
  /** In hex. */
  readonly hash: string;
}

/** As many of a chain's anchors are kept in mind; of older ones every second is left out then. */
const MOST = 1024;

/** What anchors say of every chain, in memory that does not grow with their number. */
export class AnchoredHeads {
  readonly #chains = new Map<string, Map<number, string>>();

  add({ chain, seq, hash }: Head): void {
    const known = this.#chains.get(chain) ?? new Map<number, string>();
    this.#chains.set(chain, known);
    // The first word holds: a later anchor that says otherwise is what a chain that was written anew looks like.
    if (!known.has(seq)) known.set(seq, hash);
    if (known.size > MOST) thin(known, seq);
  }

  get chains(): string[] {
    return [...this.#chains.keys()];
  }

  /** @returns the hash that a chain's link of this place had; undefined where nothing was anchored. */
  at(chain: string, seq: number): string | undefined {
    return this.#chains.get(chain)?.get(seq);
  }

  /** @returns the last place of a chain that was anchored; 0 when none was. */
  lastOf(chain: string): number {
    return Math.max(0, ...(this.#chains.get(chain)?.keys() ?? []));
  }
}

function thin(known: Map<number, string>, last: number): void {
  const highest = Math.max(...known.keys());
  for (const [index, seq] of [...known.keys()].entries()) {
    if (index % 2 === 1 && seq !== last && seq !== highest) known.delete(seq);
  }
}
