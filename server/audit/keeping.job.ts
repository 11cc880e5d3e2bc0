import type { Database } from '../db/client.ts';
import { NOBODY, type Scope } from '../market/scope.ts';
import type { AuditKeeping } from './audit-keeping.ts';
import { letGo } from './retention.ts';

export interface KeepingTools {
  readonly audit: AuditKeeping;
  readonly database: Pick<Database, 'direct'>;
  readonly clock: () => Date;
  readonly logger: {
    info(context: object, message: string): void;
    error(context: object, message: string): void;
  };
}

const DAY = 86_400_000;

/** Looks at all chains and changes none. */
export const keeperScope: Scope = {
  surface: 'admin',
  marketId: null,
  actor: { kind: 'staff', id: NOBODY, role: 'support', name: 'audit' },
  receipt: 'audit',
};

/**
 * Anchors what has moved every so many seconds, and once a day lets go of what is kept no longer. In the admin process itself: it
 * alone holds the key, and the queue of jobs belongs to the partner portal's gate, who must not be able to ask for a
 * signature. @returns what ends it.
 */
export function startKeeping(tools: KeepingTools): () => Promise<void> {
  const { audit, logger, clock } = tools;
  if (!audit.signer) return async () => {};
  let running: Promise<void> = Promise.resolve();
  let prunedAt = 0;
  const round = async () => {
    try {
      await audit.anchor();
      if (clock().getTime() - prunedAt < DAY) return;
      prunedAt = clock().getTime();
      await letGo(tools, keeperScope);
    } catch (error) {
      logger.error({ err: error }, 'the audit trail could not be anchored');
    }
  };
  const next = () => {
    running = running.then(round);
  };
  next();
  const timer = setInterval(next, audit.anchorSeconds * 1_000);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
