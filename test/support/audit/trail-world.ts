import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createAnchorWriter } from '../../../server/audit/anchors/anchor-writer.ts';
import { createAuditGate } from '../../../server/audit/audit-gate.ts';
import { type AuditSigner, auditSigner } from '../../../server/audit/signing.ts';
import { type TrailVerdict, verifyTrail } from '../../../server/audit/verify/verify-trail.ts';
import { createGate, type Gate } from '../../../server/auth/gate.ts';
import type { Database } from '../../../server/db/client.ts';
import { type TestDatabase, testDatabase } from '../database.ts';
import { adminDatabase, arrangeMarkets, staffScope } from '../scoped.ts';

const TABLES = [
  'audit_entry',
  'audit_link',
  'audit_head',
  'audit_checkpoint',
  'platform_audit_entry',
  'platform_audit_link',
  'platform_audit_head',
  'platform_audit_checkpoint',
  'audit_anchor',
];

/** A database with chains of two markets and of the platform, anchored, and somebody who may do anything to it. */
export interface TrailWorld {
  readonly test: TestDatabase;
  readonly client: pg.Client;
  readonly admin: Database;
  readonly gate: Gate;
  readonly signer: AuditSigner;
  readonly anchorDir: string;
  readonly markets: readonly [string, string];
  /** Appends entries to a market's chain, or to the platform's, as one transaction each. */
  write(chain: string, count: number): Promise<string[]>;
  anchor(): Promise<unknown>;
  verify(anchorDir?: string): Promise<TrailVerdict>;
  /** As a superuser to whom no trigger speaks. */
  tamper(sql: string, values?: unknown[]): Promise<void>;
  /** Remembers the tables as they are; gives back what restores them. */
  remember(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export async function trailWorld(): Promise<TrailWorld> {
  const test = await testDatabase();
  const client = new pg.Client(test.superuserUrl);
  await client.connect();
  const [one, other] = await arrangeMarkets(test, 2);
  const admin = adminDatabase(test);
  const gate = createGate({ url: test.url('bulkhead_admin_gate'), key: test.contextKeys.admin[0]! });
  const signer = auditSigner(randomBytes(32));
  const anchorDir = mkdtempSync(join(tmpdir(), 'bulkhead-anchors-'));
  const tools = { gate: createAuditGate(gate), signer, keys: [signer], folder: anchorDir, store: null };
  const writer = () => createAnchorWriter({ ...tools, clock: () => new Date(), logger: { error: () => {} } });
  const tamper = async (sql: string, values?: unknown[]) => {
    await client.query('set session_replication_role = replica');
    try {
      await client.query(sql, values);
    } finally {
      await client.query('set session_replication_role = origin');
    }
  };
  return {
    ...{ test, client, admin, gate, signer, anchorDir, markets: [one!.id, other!.id], tamper },
    write: (chain, count) => writeEntries(client, chain, count),
    // A writer of its own each time: what was written before is read from the files.
    anchor: () => writer()(),
    verify: (folder = anchorDir) =>
      verifyTrail({ direct: admin.direct(staffScope('support')), keys: [signer], anchorDir: folder }),
    remember: async () => {
      for (const table of TABLES) {
        await client.query(
          `drop table if exists kept_${table}; create table kept_${table} as table ${table}`,
        );
      }
      const restore = TABLES.map((table) => `truncate ${table}; insert into ${table} table kept_${table}`);
      return () => tamper(restore.join(';'));
    },
    close: async () => {
      await Promise.all([client.end(), admin.close(), gate.close()]);
      rmSync(anchorDir, { recursive: true, force: true });
      await test.drop();
    },
  };
}

async function writeEntries(client: pg.Client, chain: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  for (const [index, id] of ids.entries()) {
    if (chain === 'platform') {
      await client.query(
        `insert into platform_audit_entry (id, action, subject_type, subject_id, details)
         values ($1, 'sign-in.fail', 'sign-in', $2, '{"tries": 1}')`,
        [id, `${index}`],
      );
    } else {
      await client.query(
        `insert into audit_entry (market_id, id, surface, actor_kind, actor_id, actor_name, action, subject_type,
           subject_id, details, receipt, on_behalf_of, support_session_id, changes)
         values ($1, $2, 'partner', 'partner', $2, 'Owner', 'offer.edit', 'offer', $3, '{"from": "live", "عدد": 1.50}',
           'receipt', 'somebody', $2, '{"titleEn": {"before": "a", "after": "b"}}')`,
        [chain, id, `${index}`],
      );
    }
  }
  return ids;
}
