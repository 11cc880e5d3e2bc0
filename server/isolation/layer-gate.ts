import { v7 as uuid } from 'uuid';
import type { Gate } from '../auth/gate.ts';
import type { Difference } from './layers/compare-layers.ts';

/** Where differences go: over the gate, because requests' own logins may say nothing about the layers that hold them. */
export interface LayerGate {
  add(
    about: { readonly receipt: string; readonly marketId: string; readonly model: string },
    differences: readonly Difference[],
  ): Promise<void>;
}

const INSERT = `
  insert into layer_difference (id, receipt, of_market, model, layer, both_rows, alone_rows, ids)
  select id, receipt, of_market, model, layer, both_rows, alone_rows, ids from jsonb_to_recordset($1::jsonb)
    as given(id uuid, receipt uuid, of_market uuid, model text, layer text, both_rows integer, alone_rows integer, ids text[])`;

export function createLayerGate({ query }: Pick<Gate, 'query'>): LayerGate {
  return {
    add: async ({ receipt, marketId, model }, differences) => {
      const rows = differences.map(({ layer, both, alone, ids }) => ({
        ...{ id: uuid(), receipt, of_market: marketId, model, layer },
        ...{ both_rows: both, alone_rows: alone, ids },
      }));
      await query(INSERT, [JSON.stringify(rows)]);
    },
  };
}
