import type { Gate } from '../auth/gate.ts';

/** Which markets have counters: ids alone. Each is then checked under a scope of its own. */
export interface LimitGate {
  countedMarkets(): Promise<string[]>;
}

export function createLimitGate(gate: Pick<Gate, 'query'>): LimitGate {
  return {
    countedMarkets: async () =>
      (await gate.query<{ id: string }>('select distinct market_id as id from limit_use order by 1')).map(
        ({ id }) => id,
      ),
  };
}
