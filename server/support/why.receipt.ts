import type { ScopedClient } from '../db/client.ts';
import { AppError, invalid } from '../errors.ts';
import {
  type ActorKind,
  actorKindOf,
  askWhy,
  modelName,
  TABLES,
  type Verb,
} from '../isolation/why.service.ts';
import { findReceipt } from '../receipts/receipts.queries.ts';

type Receipt = NonNullable<Awaited<ReturnType<typeof findReceipt>>>;

/** What a receipt says of a question: who it was, and what the request had to do with. */
export interface Named {
  readonly receipt: Receipt;
  readonly kind: ActorKind;
  readonly marketId: string | null;
  readonly actorId: string | null;
  /** The tables that the request touched. */
  readonly tables: readonly string[];
  /** Where to begin: what the request most likely was about. */
  readonly likely: { readonly table: string | undefined; readonly verb: Verb };
  /** Rows that it read, by nothing but their ids; known of support sessions alone. */
  readonly rows: readonly { readonly table: string; readonly id: string }[];
}

const MOST_ROWS = 50;

/** @throws AppError 422 for `receipt`, when there is none or it is nobody's. */
export async function receiptNamed(db: ScopedClient, id: string): Promise<Named> {
  const receipt = await findReceipt(db, id);
  if (!receipt) throw invalid({ receipt: 'why:missing.receipt' });
  const kind = actorKindOf(receipt.actorKind);
  if (!kind) throw invalid({ receipt: 'why:missing.receiptActor' });
  const { marketId, actorId } = receipt;
  const tables = tablesOf(receipt.models);
  const rows = Object.entries((receipt.rowIds ?? {}) as Record<string, string[]>)
    .flatMap(([model, ids]) => tablesOf([model]).flatMap((table) => ids.map((each) => ({ table, id: each }))))
    .slice(0, MOST_ROWS);
  return { receipt, kind, marketId, actorId, tables, rows, likely: likelyOf(receipt, tables) };
}

interface Aim {
  readonly receipt: string;
  readonly table: string;
  readonly row: string;
  readonly verb: Verb;
}

/** The question about whoever made a request, as they are today. @throws AppError 422 naming the field that is nobody's */
export async function askByReceipt(
  db: ScopedClient,
  installation: Parameters<typeof askWhy>[1],
  { kind, marketId, actorId }: Named,
  aim: Aim,
) {
  try {
    return await askWhy(db, installation, { ...aim, kind, marketId, actorId });
  } catch (error) {
    // Nobody typed an actor.
    if (error instanceof AppError && error.fields.actorId)
      throw invalid({ receipt: 'why:missing.receiptGone' });
    throw error;
  }
}

const tablesOf = (models: readonly string[]): string[] =>
  models.flatMap((model) => TABLES.find((table) => modelName(table) === model) ?? []);

function likelyOf({ denials, route, method }: Receipt, touched: readonly string[]): Named['likely'] {
  const denied = tablesOf((denials as { model: string }[]).map(({ model }) => model));
  const named = [...touched, ...TABLES].find((table) => route.includes(`/${table.replaceAll('_', '-')}`));
  const verb = method === 'DELETE' ? 'delete' : method === 'POST' && !route.includes(':') ? 'insert' : null;
  const isRead = method === 'GET' || method === 'HEAD';
  return { table: denied[0] ?? named ?? touched[0], verb: isRead ? 'select' : (verb ?? 'update') };
}
