import type { Anchor } from './anchors/anchor-files.ts';
import { type AnchorTools, createAnchorWriter } from './anchors/anchor-writer.ts';
import type { AuditConfig } from './audit.settings.ts';
import type { AuditGate } from './audit-gate.ts';
import type { AuditPublicKey } from './signing.ts';

/** What the admin process has to keep the trail with. */
export interface AuditKeeping extends AuditConfig {
  readonly keys: readonly AuditPublicKey[];
  readonly gate: AuditGate;
  /** Writes the next anchor; null when there is nothing new. Without a key it never writes one. */
  readonly anchor: () => Promise<Anchor | null>;
}

export function createAuditKeeping(
  config: AuditConfig & { readonly keys: readonly AuditPublicKey[] },
  gate: AuditGate,
  logger: AnchorTools['logger'],
  clock: () => Date,
): AuditKeeping {
  const { signer, keys, anchorDir: folder, store } = config;
  const anchor = signer
    ? createAnchorWriter({ gate, signer, keys, folder, store, clock, logger })
    : async () => null;
  return { ...config, gate, anchor };
}
