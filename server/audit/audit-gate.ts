import { v7 as uuid } from 'uuid';
import type { Gate } from '../auth/gate.ts';
import type { Anchor } from './anchors/anchor-files.ts';
import type { Head } from './anchors/anchored-heads.ts';
import { PLATFORM } from './chain.ts';
import type { Envelope } from './envelope.ts';

/** What keeping the trail needs of no scope: how far each chain is, what was anchored, and letting old entries go. */
export interface AuditGate {
  heads(): Promise<Head[]>;
  rememberAnchor(anchor: Anchor, isCopied: boolean): Promise<void>;
  /** The trail begins behind this place of the chain from now on. */
  saveCheckpoint(head: Head, signed: Envelope): Promise<void>;
  /** Lets go of what lies before the chain's checkpoint. @returns how many entries went. */
  prune(chain: string): Promise<number>;
  /** Writes into the platform's trail what nobody in particular did. Both portals' gates may. */
  note(entry: Note): Promise<void>;
}

export interface Note {
  readonly surface: 'admin' | 'partner';
  readonly actorKind: 'job' | 'visitor' | 'support';
  readonly action: string;
  readonly subjectType: string;
  readonly subjectId: string | null;
  readonly receipt: string;
  readonly details: object;
  /** The partner portal's gate alone may name one. */
  readonly supportSessionId?: string;
}

const HEADS = `
  select 'platform' as chain, seq::float8 as seq, encode(hash, 'hex') as hash from platform_audit_head
  union all select market_id::text, seq::float8, encode(hash, 'hex') from audit_head`;

/** So many entries go in one transaction. */
const BATCH = 5_000;

export function createAuditGate(gate: Pick<Gate, 'query'>): AuditGate {
  return {
    heads: () => gate.query<Head>(HEADS),
    rememberAnchor: async ({ n, at, heads, digest }, isCopied) => {
      await gate.query(
        `insert into audit_anchor (n, at, heads, digest, is_copied) values ($1, $2, $3, $4, $5) on conflict do nothing`,
        [n, at, heads.length, digest, isCopied],
      );
    },
    saveCheckpoint: async ({ chain, seq, hash }, { payload, keyId, signature }) => {
      const said = [seq, hash, payload, keyId, signature];
      const columns = 'seq, hash, payload, key_id, signature';
      await (chain === PLATFORM
        ? gate.query(
            `insert into platform_audit_checkpoint (${columns}) values ($1, decode($2, 'hex'), $3, $4, $5)`,
            said,
          )
        : gate.query(
            `insert into audit_checkpoint (${columns}, market_id) values ($1, decode($2, 'hex'), $3, $4, $5, $6)`,
            [...said, chain],
          ));
    },
    prune: async (chain) => {
      for (let all = 0; ; ) {
        const [row] = await gate.query<{ gone: number }>('select app.prune_audit($1, $2) as gone', [
          chain === PLATFORM ? null : chain,
          BATCH,
        ]);
        all += row!.gone;
        if (row!.gone < BATCH) return all;
      }
    },
    note: async (said) => {
      const row = {
        ...{ id: uuid(), surface: said.surface, actor_kind: said.actorKind, action: said.action },
        ...{ subject_type: said.subjectType, subject_id: said.subjectId, receipt: said.receipt },
        details: JSON.stringify(said.details),
        // Only what is there: the admin portal's gate has no right to name this column.
        ...(said.supportSessionId ? { support_session_id: said.supportSessionId } : {}),
      };
      const columns = Object.keys(row);
      const places = columns.map((_, at) => `$${at + 1}`);
      await gate.query(
        `insert into platform_audit_entry (${columns.join(', ')}) values (${places.join(', ')})`,
        Object.values(row),
      );
    },
  };
}
