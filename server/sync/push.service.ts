import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { readCode } from '../claims/claim-code.ts';
import { ScopeRefusedError } from '../db/db.errors.ts';
import { type Direct, sql } from '../db/direct.ts';
import type { Result } from './sync.answers.ts';
import { type SyncOperation, syncOperation } from './sync.input.ts';

/** Of a code that is none of ours this much is kept, for whoever looks into it. */
const CODE_KEPT = 40;
/** Two tills that wait for each other's claims: PostgreSQL ends one of them, which has then written nothing. */
const DEADLOCK = '40P01';

export interface Push {
  readonly operations: readonly unknown[];
  /** Milliseconds by which the device's clock is ahead of ours. */
  readonly skew: number;
  readonly branchId: string;
}

type Read =
  | { readonly operation: SyncOperation; readonly hash: string }
  | { readonly id: string | null; readonly issues: z.core.$ZodIssue[] };

/** A `Result` whose complaints still have to be put into words. */
export interface RawResult extends Omit<Result, 'errors'> {
  readonly issues?: z.core.$ZodIssue[];
}

/**
 * Takes in what a till has done: each operation once, however often it is sent, and with the same answer each time. What
 * becomes of it is decided by the trigger of `redemption`, in the statement that writes it.
 */
export async function pushOperations(direct: Direct, push: Push): Promise<RawResult[]> {
  const read = push.operations.map(readOperation);
  const good = new Map<string, { operation: SyncOperation; hash: string }>();
  for (const each of read)
    if ('operation' in each && !good.has(each.operation.id)) good.set(each.operation.id, each);
  const stored = new Map<string, StoredRow>();
  if (good.size > 0) {
    await insertOnce(direct, [...good.values()], push);
    for (const row of await readStored(direct, [...good.keys()])) stored.set(row.id, row);
  }
  return read.map((each) => answerTo(each, stored));
}

function readOperation(given: unknown): Read {
  const { success, data, error } = syncOperation.safeParse(given, { reportInput: true });
  if (success) {
    const operation = { ...data, id: data.id.toLowerCase() };
    return { operation, hash: hashOf(operation) };
  }
  const id = (given as { id?: unknown } | null)?.id;
  return { id: typeof id === 'string' ? id.slice(0, 64) : null, issues: error.issues };
}

/** Of what the operation says, in an order of ours: the same again, whatever JSON it came in. */
const hashOf = ({ collection, data: { code, redeemedAt, leaseId } }: SyncOperation): string =>
  createHash('sha256')
    .update(JSON.stringify([collection, code, redeemedAt, leaseId ?? null]))
    .digest('base64url');

async function insertOnce(
  direct: Direct,
  operations: readonly { operation: SyncOperation; hash: string }[],
  push: Push,
): Promise<void> {
  const list = operations.map(({ operation: { id, data }, hash }) => ({
    ...{ id, hash, at: data.redeemedAt, lease: data.leaseId ?? null },
    code: readCode(data.code).slice(0, CODE_KEPT),
  }));
  for (let tries = 1; ; tries++) {
    try {
      return await insertRows(direct, JSON.stringify(list), push);
    } catch (error) {
      if ((error as { code?: unknown }).code !== DEADLOCK || tries === 3) throw error;
    }
  }
}

/** Ordered by id, so that two requests with the same operations wait for each other and don't meet head-on. */
async function insertRows({ affected, scope }: Direct, list: string, { branchId, skew }: Push) {
  await affected(sql`
    insert into redemption (market_id, device_id, id, branch_id, code, body_hash, lease_id, device_at, skew_ms, receipt)
    select ${scope.marketId}, ${scope.actor.id}, given.id, ${branchId}, given.code, given.hash, given.lease, given.at,
      ${skew}, ${scope.receipt}
    from json_to_recordset(${list}::json) as given (id uuid, code text, hash text, lease uuid, at timestamptz)
    order by given.id
    on conflict (market_id, device_id, id) do nothing`);
}

interface StoredRow {
  readonly id: string;
  readonly body_hash: string;
  readonly state: 'applied' | 'conflict';
  readonly answer: Pick<Result, 'kind' | 'redeemedAt' | 'redeemedBy'>;
}

function readStored({ rows, scope }: Direct, ids: readonly string[]): Promise<StoredRow[]> {
  return rows<StoredRow>(sql`
    select id, body_hash, state, answer from redemption
    where market_id = ${scope.marketId} and device_id = ${scope.actor.id} and id = any (${ids}::uuid[])`);
}

function answerTo(read: Read, stored: ReadonlyMap<string, StoredRow>): RawResult {
  if (!('operation' in read)) return { id: read.id, status: 'invalid', issues: read.issues };
  const { id } = read.operation;
  const row = stored.get(id);
  // Not written: the month had no room for it.
  if (!row) return { id, status: 'limit' };
  if (row.body_hash !== read.hash) return { id, status: 'mismatch' };
  return { id, status: row.state, ...row.answer };
}

/** A policy said no to a till that was let in: it was revoked, or moved, or its market stopped, since. */
export const isRefused = (error: unknown): boolean =>
  error instanceof ScopeRefusedError && error.sqlState === '42501';
