import type { ScopedClient } from '../db/client.ts';
import { notFound } from '../errors.ts';
import { isId, orNotFound } from '../http/ids.ts';

interface Named {
  readonly id: string;
  readonly en: string;
  readonly ar: string;
}

/** What figures are narrowed to, with names to show. */
export interface NamedPart {
  readonly offerId?: string;
  readonly branchId?: string;
  readonly offer?: Named;
  readonly branch?: Named;
}

/**
 * The offer and branch that a URL names. @throws AppError 404 for an id that is malformed, unknown or another market's,
 * which can't be told apart
 */
export async function findPart(db: ScopedClient, query: Record<string, unknown>): Promise<NamedPart> {
  const [offer, branch] = await Promise.all([
    named(query.offer, async (id) => {
      const select = { id: true, titleEn: true, titleAr: true } as const;
      const { titleEn, titleAr } = orNotFound(await db.offer.findFirst({ where: { id }, select }));
      return { id, en: titleEn, ar: titleAr };
    }),
    named(query.branch, async (id) => {
      const select = { id: true, nameEn: true, nameAr: true } as const;
      const { nameEn, nameAr } = orNotFound(await db.branch.findFirst({ where: { id }, select }));
      return { id, en: nameEn, ar: nameAr };
    }),
  ]);
  return { ...(offer && { offer, offerId: offer.id }), ...(branch && { branch, branchId: branch.id }) };
}

async function named(id: unknown, find: (id: string) => Promise<Named>): Promise<Named | undefined> {
  if (id === undefined || id === '') return undefined;
  if (!isId(id)) throw notFound();
  return find(id);
}
