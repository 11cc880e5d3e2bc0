import { recordAudit } from '../audit/audit.service.ts';
import { type Envelope, seal } from '../audit/envelope.ts';
import type { AuditSigner } from '../audit/signing.ts';
import type { ScopedClient } from '../db/client.ts';
import type { Finding } from '../db/guard/check.ts';
import { conflict } from '../errors.ts';
import { type Examined, findingsOf, type Installation } from './installation.ts';
import type { ProbeResult } from './probe/round.ts';
import { probeNow } from './probes.service.ts';

/** What a certificate says; its text is signed as it stands. */
export interface Statement {
  readonly kind: 'bulkhead.isolation-certificate';
  readonly format: 1;
  readonly at: string;
  readonly version: string;
  readonly server: string;
  readonly isClean: boolean;
  readonly fingerprint: string;
  readonly compared: Readonly<Record<'tables' | 'policies' | 'functions' | 'triggers', number>>;
  readonly findings: readonly Finding[];
  readonly probe: Pick<
    ProbeResult,
    'attacks' | 'breaches' | 'durationMs' | 'markets' | 'cells' | 'stakes'
  > & { readonly id: string };
  readonly trail: { readonly seq: number; readonly hash: string } | null;
}

export interface CertifyTools {
  readonly installation: Installation;
  readonly signer: AuditSigner | null;
  readonly version: string;
  readonly clock: () => Date;
}

/**
 * Asks the catalogue, attacks, and signs what came of both.
 * @throws AppError `no-signing-key` (409) where the process was told none.
 */
export async function certify(db: ScopedClient, tools: CertifyTools): Promise<string> {
  const { installation, signer, clock } = tools;
  if (!signer) throw conflict('no-signing-key');
  const examined = await installation.examine();
  const probe = await probeNow(db, installation, null);
  const statement = await stated(db, examined, { ...probe, version: tools.version, at: clock() });
  return keep(db, statement, seal(statement, signer));
}

interface Attacked {
  readonly id: string;
  readonly result: ProbeResult;
  readonly version: string;
  readonly at: Date;
}

async function stated(
  db: ScopedClient,
  examined: Examined,
  { id, result, version, at }: Attacked,
): Promise<Statement> {
  const { snapshot, fingerprint, checks } = examined;
  const findings = findingsOf([...checks, { name: 'probe', findings: result.findings }]);
  const head = await db.platformAuditHead.findFirst();
  const { attacks, breaches, durationMs, markets, cells, stakes } = result;
  return {
    ...{
      kind: 'bulkhead.isolation-certificate',
      format: 1,
      at: at.toISOString(),
      version,
      server: examined.server,
    },
    ...{ isClean: findings.length === 0, fingerprint, findings },
    compared: {
      tables: snapshot.tables.length,
      policies: snapshot.tables.reduce((sum, { policies }) => sum + policies.length, 0),
      functions: snapshot.functions.length,
      triggers: snapshot.triggers.length,
    },
    probe: { id, attacks, breaches, durationMs, markets, cells, stakes },
    trail: head && { seq: Number(head.seq), hash: Buffer.from(head.hash).toString('hex') },
  };
}

async function keep(
  db: ScopedClient,
  { isClean, fingerprint }: Statement,
  envelope: Envelope,
): Promise<string> {
  return db.$transaction(async (tx) => {
    const { id } = await tx.isolationCertificate.create({
      data: { ...envelope, isClean, staffUserId: db.scope.actor.id },
      select: { id: true },
    });
    const details = { isClean, fingerprint };
    await recordAudit(tx, {
      action: 'isolation.certify',
      subjectType: 'isolation_certificate',
      subjectId: id,
      details,
    });
    return id;
  });
}
