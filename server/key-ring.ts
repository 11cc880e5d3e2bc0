import { z } from 'zod';
import { BootError } from './boot-error.ts';

export type PortalName = 'admin' | 'partner';

/** Whose keys a ring holds: a portal's, or those of a surface that lives in the partner process. */
export type KeySurface = PortalName | 'public' | 'device';

/** A key that signs and verifies access tokens. The first of a list signs, all of them verify. */
export interface TokenKey {
  readonly kid: string;
  readonly key: Buffer;
}

const KEY_SURFACES: readonly KeySurface[] = ['admin', 'partner', 'public', 'device'];

/** Keys are named after their surface when they are made. A process that holds another's could sign as it. @throws BootError */
export function refuseForeignKeys(
  portal: PortalName,
  surface: KeySurface,
  rings: Record<string, TokenKey[]>,
): void {
  const others = KEY_SURFACES.filter((other) => other !== surface);
  for (const [name, ring] of Object.entries(rings)) {
    for (const other of others) {
      const foreign = ring.find(({ kid }) => kid.startsWith(`${other}-`));
      if (!foreign) continue;
      const whose = other === 'admin' || other === 'partner' ? `${other} portal` : `${other} surface`;
      throw new BootError(
        `${name} of the ${portal} portal holds key "${foreign.kid}" of the ${whose}: give each its own.`,
      );
    }
  }
}

/** `kid:key`, one or two of them, each key 32 bytes in base64url. */
export function readKeyRing(text: string, issues: z.RefinementCtx): TokenKey[] {
  const keys = text.split(',').map((entry) => {
    const [kid = '', secret = ''] = entry.trim().split(':');
    return { kid, key: Buffer.from(secret, 'base64url') };
  });
  const sound = keys.every(({ kid, key }) => /^[a-z0-9-]{1,40}$/.test(kid) && key.length === 32);
  if (sound && keys.length <= 2 && new Set(keys.map(({ kid }) => kid)).size === keys.length) return keys;
  issues.addIssue({
    code: 'custom',
    message: 'must be one or two "kid:key", each key 32 bytes in base64url',
  });
  return z.NEVER;
}
