import type { ClientBase } from 'pg';
import { branchId, branchNames } from './branches.ts';
import { DAY, HOUR } from './clock.ts';
import { demoId } from './ids.ts';
import { DEMO_LOGINS } from './logins.ts';
import type { DemoMarket } from './market-list.ts';
import type { DemoOffer, Version } from './offers.ts';
import { memberOf, staffId, TEAM } from './people.ts';
import { insertRows } from './rows.ts';

interface Actor {
  readonly surface: 'admin' | 'partner';
  readonly kind: 'staff' | 'partner';
  readonly id: string;
  readonly name: string;
}

interface Entry {
  readonly at: Date;
  readonly by: Actor;
  readonly action: string;
  readonly subject: readonly [type: string, id: string];
  readonly details?: object;
}

const operator: Actor = {
  surface: 'admin',
  kind: 'staff',
  id: staffId('operator'),
  name: DEMO_LOGINS.find((login) => login.roles[0]!.role === 'operator')!.name,
};

function partner(market: DemoMarket, role: 'owner' | 'manager'): Actor {
  const { id, name } = memberOf(market, role);
  return { surface: 'partner', kind: 'partner', id, name };
}

const later = (at: Date, milliseconds: number) => new Date(at.getTime() + milliseconds);

function versionEntries(offer: DemoOffer, version: Version, by: Actor): Entry[] {
  const subject = ['offer', offer.id] as const;
  const entries: Entry[] = [];
  if (version !== offer.versions[0]) {
    entries.push({
      at: later(version.changedAt, -HOUR),
      by,
      action: 'offer.edit',
      subject,
      details: { from: 'live' },
    });
  }
  if (version.isSubmitted) {
    const details = { submission: version.submission };
    entries.push({ at: version.submittedAt!, by, action: 'offer.submit', subject, details });
  }
  const { verdict } = version;
  if (verdict?.decision === 'approved') {
    entries.push({ at: verdict.decidedAt, by: operator, action: 'offer.approve', subject });
  } else if (verdict) {
    const details = { reason: verdict.reason };
    entries.push({ at: verdict.decidedAt, by: operator, action: 'offer.reject', subject, details });
  }
  return entries;
}

function offerEntries(offer: DemoOffer): Entry[] {
  const by = partner(offer.market, 'manager');
  const subject = ['offer', offer.id] as const;
  const entries: Entry[] = [{ at: offer.createdAt, by, action: 'offer.create', subject }];
  entries.push(...offer.versions.flatMap((version) => versionEntries(offer, version, by)));
  if (offer.endedAt)
    entries.push({ at: offer.endedAt, by, action: 'offer.end', subject, details: { from: 'live' } });
  return entries;
}

function marketEntries(market: DemoMarket, opened: Date, today: Date): Entry[] {
  const subject = ['market', market.id] as const;
  const owner = partner(market, 'owner');
  const entries: Entry[] = [{ at: opened, by: operator, action: 'market.create', subject }];
  for (const { id, email, role } of TEAM.filter((member) => member.market === market)) {
    const by = role === 'owner' ? operator : owner;
    const details = { email, role };
    entries.push({ at: later(opened, HOUR), by, action: 'member.invite', subject: ['member', id], details });
  }
  for (const [index, nameEn] of branchNames(market).entries()) {
    const at = later(opened, (index + 1) * 3 * DAY);
    const branch = ['branch', branchId(market, index)] as const;
    entries.push({ at, by: owner, action: 'branch.create', subject: branch, details: { nameEn } });
  }
  if (market.state === 'applied') return entries;
  entries.push({ at: later(opened, 2 * DAY), by: operator, action: 'market.activate', subject });
  if (market.state === 'active') return entries;
  const action = market.state === 'closed' ? 'market.close' : 'market.suspend';
  const at = later(today, -market.stoppedDaysAgo * DAY);
  entries.push({ at, by: operator, action, subject, details: { reason: market.stateReason } });
  return entries;
}

type AuditRow = Record<keyof typeof columns, unknown> & {
  readonly at: Date;
  readonly action: string;
  readonly subject_id: string;
  readonly details: object;
};

const columns = {
  market_id: 'uuid',
  id: 'uuid',
  at: 'timestamptz',
  surface: 'text',
  actor_kind: 'text',
  actor_id: 'uuid',
  actor_name: 'text',
  action: 'text',
  subject_type: 'text',
  subject_id: 'text',
  details: 'jsonb',
};

/** The trail that the demo's own rows would have left. No receipts: no request wrote these. */
export async function writeAudit(
  client: ClientBase,
  markets: ReadonlyMap<DemoMarket, readonly DemoOffer[]>,
  opened: (market: DemoMarket) => Date,
  today: Date,
): Promise<void> {
  const rows = [...markets].flatMap(([market, offers]) => {
    const entries = [...marketEntries(market, opened(market), today), ...offers.flatMap(offerEntries)];
    entries.sort((a, b) => a.at.getTime() - b.at.getTime());
    return entries.map(({ at, by, action, subject, details }, index) => ({
      market_id: market.id,
      id: demoId('audit', market.number * 10_000 + index + 1),
      at,
      surface: by.surface,
      actor_kind: by.kind,
      actor_id: by.id,
      actor_name: by.name,
      action,
      subject_type: subject[0],
      subject_id: subject[1],
      details: details ?? {},
    }));
  });
  await insertRows(client, 'audit_entry', columns, await addDigests(client, rows));
  await writePlatformAudit(client, today);
}

/** A verdict's entry names the content that it was about, which only the database knows. */
async function addDigests(client: ClientBase, rows: AuditRow[]): Promise<AuditRow[]> {
  const found = await client.query<{ offer: string; at: Date; digest: string }>(
    'select offer_id::text as offer, decided_at as at, content_digest as digest from offer_decision',
  );
  const key = (offer: string | undefined, at: Date) => `${offer} ${at.getTime()}`;
  const digests = new Map(found.rows.map(({ offer, at, digest }) => [key(offer, at), digest]));
  return rows.map((row) => {
    const digest = VERDICT.test(row.action) ? digests.get(key(row.subject_id, row.at)) : undefined;
    return digest ? { ...row, details: { ...row.details, digest } } : row;
  });
}

const VERDICT = /^offer\.(approve|reject)$/;

async function writePlatformAudit(client: ClientBase, today: Date): Promise<void> {
  const entry = {
    id: demoId('platformAudit', 1),
    at: later(today, -590 * DAY),
    staff_user_id: staffId('operator'),
    action: 'staff.invite',
    subject_type: 'staff',
    subject_id: staffId('support'),
    details: { role: 'support' },
  };
  const types = {
    id: 'uuid',
    at: 'timestamptz',
    staff_user_id: 'uuid',
    action: 'text',
    subject_type: 'text',
    subject_id: 'text',
    details: 'jsonb',
  };
  await insertRows(client, 'platform_audit_entry', types, [entry]);
}
