import type { AuditPublicKey } from '../signing.ts';
import { anchorFiles, isFault, readAnchors } from './anchor-files.ts';
import { AnchoredHeads } from './anchored-heads.ts';

/** What a folder's sound lines say of every chain. */
export async function readAnchoredHeads(
  folder: string,
  keys: readonly AuditPublicKey[],
): Promise<AnchoredHeads> {
  const anchors = new AnchoredHeads();
  for await (const read of readAnchors(anchorFiles(folder), keys)) {
    if (!isFault(read)) for (const head of read.heads) anchors.add(head);
  }
  return anchors;
}
