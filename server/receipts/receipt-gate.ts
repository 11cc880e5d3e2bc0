import type { Gate } from '../auth/gate.ts';

/** Where receipts go. The gate's login can write them, and read no more of one than its age. */
export interface ReceiptGate {
  /** Receipts with a market, and those without. */
  insert(withMarket: readonly object[], without: readonly object[]): Promise<void>;
  insertLoss(row: object): Promise<void>;
  /** Lets go of receipts, and of losses, that are older than this many days. */
  forget(days: number): Promise<void>;
}

const COLUMNS = `id, at, surface, actor_kind, actor_id, actor_name, db_role, method, route, status, duration_us, operations,
  models, is_raw, is_denied, denials`;
const TYPES = `id uuid, at timestamptz, surface text, actor_kind text, actor_id uuid, actor_name text, db_role text,
  method text, route text, status integer, duration_us integer, operations jsonb, models text[], is_raw boolean,
  is_denied boolean, denials jsonb`;

const INSERT = `
  insert into receipt (market_id, ${COLUMNS}, support_session_id, row_ids)
  select market_id, ${COLUMNS}, support_session_id, row_ids
  from jsonb_to_recordset($1::jsonb) as given(market_id uuid, ${TYPES}, support_session_id uuid, row_ids jsonb)
  -- Pages of support sessions are entries of their market's trail: chains are taken in one order.
  order by market_id
  on conflict do nothing`;
const INSERT_WITHOUT = `
  insert into platform_receipt (${COLUMNS})
  select ${COLUMNS} from jsonb_to_recordset($1::jsonb) as given(${TYPES}) on conflict do nothing`;

/** `surface`: the admin gate has no right to markets' receipts, and no need of one. */
export function createReceiptGate(gate: Pick<Gate, 'query'>, surface: 'admin' | 'partner'): ReceiptGate {
  const insert = async (sql: string, rows: readonly object[]) => {
    if (rows.length > 0) await gate.query(sql, [JSON.stringify(rows)]);
  };
  const tables = [...(surface === 'admin' ? [] : ['receipt']), 'platform_receipt', 'receipt_loss'];
  return {
    insert: async (withMarket, without) => {
      await insert(INSERT, withMarket);
      await insert(INSERT_WITHOUT, without);
    },
    insertLoss: (row) =>
      insert(
        `insert into receipt_loss (id, at, surface, lost)
         select id, at, surface, lost from jsonb_to_recordset($1::jsonb) as given(id uuid, at timestamptz, surface text, lost integer)`,
        [row],
      ),
    forget: async (days) => {
      for (const table of tables)
        await gate.query(`delete from ${table} where at < current_timestamp - make_interval(days => $1)`, [
          days,
        ]);
    },
  };
}
