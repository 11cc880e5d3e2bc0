import type { AppFunction } from './functions.ts';

/** What plants the decoy market's rows and looks after them. */
export const decoyFunctions: Readonly<Record<string, AppFunction>> = {
  'app.plant_decoy()': {
    ...{ owner: 'bulkhead_decoy', definer: true, volatility: 'v', path: true },
    executors: ['bulkhead_partner'],
  },
};
