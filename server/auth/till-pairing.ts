import { createHash } from 'node:crypto';
import { refusalOf, uncarried } from '../db/db.errors.ts';
import type { Gate } from './gate.ts';

export interface Pairing {
  /** As the database has it, without spaces and dashes. */
  readonly code: string;
  readonly publicKey: object;
  readonly thumbprint: string;
  readonly appVersion: string;
  readonly receipt: string;
}

export interface PairedTill {
  readonly marketId: string;
  readonly deviceId: string;
}

/** What the database keeps of a pairing code. Its 60 random bits can't be found from it within ten minutes. */
export const codeDigest = (code: string): string => createHash('sha256').update(code).digest('hex');

/**
 * Makes a till of a code, before there is any scope: through the gate, because no login of a surface may insert one.
 * Null for a code that is wrong, used by another key or out of date. The same key may ask again: its first answer may
 * have been lost.
 * @throws AppError 409 where the market's plan allows no more; the code stays good.
 */
export async function pairTill(
  gate: Pick<Gate, 'as'>,
  { code, publicKey, thumbprint, appVersion, receipt }: Pairing,
): Promise<PairedTill | null> {
  const values = [codeDigest(code), JSON.stringify(publicKey), thumbprint, appVersion, receipt];
  const [row] = await gate
    .as(null, (query) =>
      query<{ market_id: string; device_id: string }>(
        'select * from app.pair_device($1, $2, $3, $4, $5)',
        values,
      ),
    )
    .catch((error: unknown) => {
      throw uncarried(refusalOf(error));
    });
  return row ? { marketId: row.market_id, deviceId: row.device_id } : null;
}
