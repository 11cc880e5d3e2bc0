import type pg from 'pg';
import type { ContextKey } from '../../market/context.ts';
import type { Surface } from '../../market/scope.ts';

/**
 * Makes the live context keys of these surfaces exactly the given ones, at most two each. The database keeps each
 * key as the two blocks that HMAC-SHA256 hashes first: sha256 is all that it needs to verify.
 */
export async function storeContextKeys(
  client: pg.Client,
  keys: Partial<Record<Surface, ContextKey[]>>,
): Promise<void> {
  await client.query('begin; set local role bulkhead_context');
  for (const [surface, ring] of Object.entries(keys)) {
    for (const { kid, key, bindsPid } of ring) {
      await client.query(
        `insert into vault.context_key (kid, surface, inner_pad, outer_pad, binds_pid) values ($1, $2, $3, $4, $5)
         on conflict (kid) do update set surface = excluded.surface, inner_pad = excluded.inner_pad,
           outer_pad = excluded.outer_pad, binds_pid = excluded.binds_pid, retired_at = null`,
        [kid, surface, padded(key, 0x36), padded(key, 0x5c), bindsPid],
      );
    }
    const kids = ring.map(({ kid }) => kid);
    await client.query(
      `update vault.context_key set retired_at = now()
       where surface = $1 and retired_at is null and kid <> all($2)`,
      [surface, kids],
    );
  }
  await client.query('commit');
}

function padded(key: Buffer, filler: number): Buffer {
  const block = Buffer.alloc(64);
  key.copy(block);
  return Buffer.from(block.map((byte) => byte ^ filler));
}
