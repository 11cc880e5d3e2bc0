import type { Database } from '../../db/client.ts';
import type { Scope } from '../../market/scope.ts';
import { recordAudit } from '../audit.service.ts';
import type { AuditKeeping } from '../audit-keeping.ts';
import { verifyTrail } from './verify-trail.ts';

/** A verification that is under way, or that broke off. */
export interface VerificationState {
  readonly startedAt: Date;
  readonly entries: number;
  readonly failed: boolean;
}

export interface Verification {
  /** Null: none is under way, and the last one is among the checks. */
  state(): VerificationState | null;
  /** Begins one, unless one is under way. Goes on behind the answer. */
  start(scope: Scope): void;
}

interface VerificationTools {
  readonly database: Database;
  readonly audit: AuditKeeping;
  readonly clock: () => Date;
  readonly logger: { error(context: object, message: string): void };
}

/** Verifies the whole trail, one run at a time, and keeps what was found. */
export function createVerification({ database, audit, clock, logger }: VerificationTools): Verification {
  let state: VerificationState | null = null;
  const run = async (scope: Scope) => {
    const startedAt = clock();
    state = { startedAt, entries: 0, failed: false };
    const onProgress = (entries: number) => {
      state = { startedAt, entries, failed: false };
    };
    try {
      const { keys, anchorDir } = audit;
      const verdict = await verifyTrail({ direct: database.direct(scope), keys, anchorDir, onProgress });
      const { chains, entries, findings } = verdict;
      await database.scoped(scope).$transaction(async (tx) => {
        const found = findings.map((finding) => ({ ...finding }));
        const data = { staffUserId: scope.actor.id, startedAt, chains, entries, findings: found };
        await tx.auditCheck.create({ data });
        const details = { chains, entries, findings: findings.length };
        await recordAudit(tx, { action: 'audit.verify', subjectType: 'audit', details });
      });
      state = null;
    } catch (error) {
      logger.error({ err: error }, 'the audit trail could not be verified');
      state = { startedAt, entries: 0, failed: true };
    }
  };
  return {
    state: () => state,
    start: (scope) => {
      if (state && !state.failed) return;
      void run(scope);
    },
  };
}
