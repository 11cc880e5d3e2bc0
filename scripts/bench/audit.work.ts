import { recordAudit } from '../../server/audit/audit.service.ts';
import { updateBranch } from '../../server/branches/branches.service.ts';
import type { ScopedClient } from '../../server/db/client.ts';
import { branchOf } from './audit.database.ts';

/** One write of one writer. */
export type Work = (db: ScopedClient, writer: number) => Promise<unknown>;

const input = (name: string) => ({
  ...{ nameEn: name, nameAr: 'فرع', addressEn: 'Road 1', addressAr: 'طريق 1', city: 'Riyadh', phone: '' },
  ...{ latitude: null, longitude: null, hours: [] },
});

let edits = 0;

export const works = {
  /** The service as it is: its entry is the last thing that it writes. */
  'a branch is changed': (db, writer) => updateBranch(db, branchOf(writer), input(`Branch ${++edits}`)),
  /** What an import or an offer that is submitted at once does: more statements behind the entry. */
  'an entry, and four statements behind it': (db, writer) =>
    db.$transaction(async (tx) => {
      const id = branchOf(writer);
      await recordAudit(tx, { action: 'branch.update', subjectType: 'branch', subjectId: id });
      await tx.branch.findFirst({ where: { id } });
      await tx.branch.updateMany({ where: { id }, data: input(`Branch ${++edits}`) });
      await tx.offer.count();
      await tx.branch.findFirst({ where: { id } });
    }),
} as const satisfies Record<string, Work>;

export type WorkName = keyof typeof works;
