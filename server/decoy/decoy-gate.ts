import type { Gate } from '../auth/gate.ts';
import { DECOY_MARKET } from '../market/scoping/decoy-market.ts';

/** What the watch needs of the database: the login of requests can neither read the mark nor take an alarm back. */
export interface DecoyGate {
  /** Null before the decoy has been planted. */
  findMark(): Promise<string | null>;
  addSightings(rows: readonly object[]): Promise<void>;
}

const INSERT = `
  insert into decoy_sighting (id, at, place, surface, receipt, viewer_market, viewer, route)
  select id, at, place, surface, receipt, viewer_market, viewer, route from jsonb_to_recordset($1::jsonb)
    as sighting(id uuid, at timestamptz, place text, surface text, receipt text, viewer_market uuid, viewer text, route text)`;

export function createDecoyGate(gate: Pick<Gate, 'query'>): DecoyGate {
  return {
    findMark: async () => {
      const [row] = await gate.query<{ mark: string }>('select mark from decoy where id = $1', [
        DECOY_MARKET,
      ]);
      return row?.mark ?? null;
    },
    addSightings: async (rows) => void (await gate.query(INSERT, [JSON.stringify(rows)])),
  };
}
