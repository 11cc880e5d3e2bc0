import type { Database } from '../db/client.ts';
import { NOBODY, type Scope } from '../market/scope.ts';
import { recordAudit } from './audit.service.ts';
import type { AuditGate } from './audit-gate.ts';
import { createBudget } from './budget.ts';

/** Where a failed sign-in was meant to lead, and for whom. */
export interface FailedSignIn {
  /** Null: there is nobody with such an address. */
  readonly personId: string | null;
  readonly members: readonly { readonly marketId: string | null; readonly actorId: string }[];
  readonly address: string;
  readonly receipt: string;
}

/** What was refused, by the route's pattern: no address of a page has a secret in it that way. */
export interface Refusal {
  readonly method: string;
  readonly route: string;
  readonly code: string;
}

/** Writes down who was not let in, behind the answer: it must not tell by its time whether there was something to write. */
export interface Denials {
  signInFailed(failed: FailedSignIn): void;
  refused(scope: Scope, refusal: Refusal): void;
  /** Writes what was counted alone, and waits for what is under way. */
  close(): Promise<void>;
}

interface DenialTools {
  readonly surface: 'admin' | 'partner';
  readonly database: Pick<Database, 'scoped'>;
  readonly gate: Pick<AuditGate, 'note'>;
  readonly clock: () => Date;
  readonly logger: { warn(context: object, message: string): void };
}

const job = (marketId: string, receipt: string): Scope => ({
  surface: 'partner',
  marketId,
  actor: { kind: 'job', id: NOBODY, role: 'none', name: 'sign-in' },
  receipt,
});

/**
 * So many of a kind and chain are written out in an hour; the rest is counted and told once, with how many there were. A
 * trail can't be filled up by knocking.
 */
export function createDenials({ surface, database, gate, clock, logger }: DenialTools): Denials {
  const budget = createBudget({ clock });
  const pending = new Set<Promise<void>>();
  const write = (key: string, work: (counted: { more?: number }) => Promise<void>) => {
    const counted = budget.take(key, (more) => later(() => work({ more })));
    if (counted) later(() => work({}));
  };
  const later = (work: () => Promise<void>) => {
    const done = work()
      .catch((error: unknown) => logger.warn({ err: error }, 'a refusal could not be written down'))
      .finally(() => pending.delete(done));
    pending.add(done);
  };
  const note = (action: string, subjectId: string | null, receipt: string, details: object) =>
    gate.note({ surface, actorKind: 'visitor', action, subjectType: 'session', subjectId, receipt, details });
  return {
    signInFailed: ({ personId, members, address, receipt }) => {
      const markets = members.flatMap(({ marketId, actorId }) => (marketId ? [{ marketId, actorId }] : []));
      for (const { marketId, actorId } of markets) {
        const scope = job(marketId, receipt);
        write(`fail ${marketId}`, (more) =>
          recordAudit(database.scoped(scope), {
            ...{ action: 'session.fail', subjectType: 'member', subjectId: actorId },
            details: { address, ...more },
          }),
        );
      }
      if (markets.length > 0) return;
      write('fail', (more) =>
        note('session.fail', personId, receipt, { known: personId !== null, address, ...more }),
      );
    },
    refused: (scope, refusal) => {
      const { marketId, receipt, support } = scope;
      if (!marketId && scope.surface !== 'admin') return;
      write(`deny ${marketId ?? ''}`, (more) => {
        const details = { ...refusal, ...more };
        // A support session can't write a thing in its market: the platform's trail has it.
        if (support) {
          const { sessionId } = support;
          return gate.note({
            ...{ surface, actorKind: 'support', action: 'access.deny', receipt, supportSessionId: sessionId },
            ...{
              subjectType: 'support-session',
              subjectId: sessionId,
              details: { ...details, market: marketId },
            },
          });
        }
        return recordAudit(database.scoped(scope), { action: 'access.deny', subjectType: 'route', details });
      });
    },
    close: async () => {
      budget.close();
      await Promise.all(pending);
    },
  };
}
