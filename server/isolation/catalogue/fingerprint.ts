import { createHash } from 'node:crypto';
import type { Snapshot } from './snapshot.ts';

/** One digest of everything that decides who sees what: the same installation, unchanged, gives the same. */
export function fingerprintOf(snapshot: Snapshot): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(snapshot)).digest('hex')}`;
}
