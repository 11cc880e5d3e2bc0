import type { ScopedClient } from '../db/client.ts';
import { orNotFound } from '../http/ids.ts';
import type { Statement } from './certificates.service.ts';

/** Certificates, newest first. */
export async function lastCertificates(db: ScopedClient, take = 50) {
  const select = {
    id: true,
    at: true,
    isClean: true,
    keyId: true,
    staffUser: { select: { name: true } },
  } as const;
  return db.isolationCertificate.findMany({ orderBy: [{ at: 'desc' }, { id: 'desc' }], take, select });
}

/** One certificate: what it says, and the file that anybody can verify. */
export async function findCertificate(db: ScopedClient, id: string) {
  const { payload, signature, keyId, ...row } = orNotFound(
    await db.isolationCertificate.findUnique({ where: { id } }),
  );
  return {
    ...row,
    keyId,
    statement: JSON.parse(payload) as Statement,
    envelope: { payload, keyId, signature },
  };
}
