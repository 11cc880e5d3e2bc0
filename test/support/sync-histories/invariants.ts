import assert from 'node:assert/strict';
import { TillView } from '../till-view.ts';
import type { SimulatedDevice } from './device.ts';
import type { World } from './world.ts';

interface Stored {
  readonly device_id: string;
  readonly id: string;
  readonly state: string;
  readonly claim_id: string | null;
}

/** What has to be true whatever happened. */
export async function checkInvariants(world: World): Promise<void> {
  const stored = await world.sql<Stored>(
    'select device_id, id, state, claim_id from redemption where market_id = $1',
    [world.marketId],
  );
  for (const device of world.devices) checkAnswers(device, stored);
  await checkClaims(world, stored);
  await checkQuota(world, stored.length);
  for (const device of world.devices) await checkView(world, device);
}

/** Every operation that a till was told about is there once, as it was told, and each time the same. */
function checkAnswers(device: SimulatedDevice, stored: readonly Stored[]): void {
  const own = stored.filter(({ device_id }) => device_id === device.till.deviceId);
  for (const [id, results] of device.told) {
    const final = results.filter(({ status }) => status !== 'limit');
    for (const result of final) assert.deepEqual(result, final[0]);
    const rows = own.filter((row) => row.id === id);
    assert.ok(rows.length <= 1);
    if (final.length > 0) assert.equal(rows[0]?.state, final[0]!.status, `acknowledged ${id}`);
  }
  if (!device.isRevoked)
    assert.equal(device.kept.queue.size, 0, 'what was not refused for good is handed in');
}

/** A claim is redeemed by one at most, with one event and one audit entry. */
async function checkClaims(world: World, stored: readonly Stored[]): Promise<void> {
  const [counts] = await world.sql<Record<string, number>>(
    `select (select count(*)::int from claim where market_id = $1 and state = 'redeemed') as redeemed,
       (select count(*)::int from claim where market_id = $1 and device_id is not null) as by_tills,
       (select count(*)::int from offer_event where market_id = $1 and kind = 'redeem') as events,
       (select count(*)::int from audit_entry where market_id = $1 and action = 'claim.redeem') as audits,
       (select count(*)::int from audit_entry where market_id = $1 and action = 'redemption.conflict') as conflicts`,
    [world.marketId],
  );
  const applied = stored.filter(({ state }) => state === 'applied');
  assert.equal(
    new Set(applied.map(({ claim_id }) => claim_id)).size,
    applied.length,
    'no claim is redeemed twice',
  );
  assert.equal(counts!.by_tills, applied.length);
  assert.equal(counts!.audits, applied.length);
  assert.equal(counts!.events, counts!.redeemed);
  assert.equal(counts!.conflicts, stored.length - applied.length);
}

/** The month has given what was handed in, and what leases still hold. */
async function checkQuota(world: World, handedIn: number): Promise<void> {
  const [counts] = await world.sql<{ used: number; held: number }>(
    `select coalesce((select sum(used)::int from limit_use where market_id = $1 and name = 'sync_pushes'), 0) as used,
       coalesce((select sum(granted - used - returned)::int from quota_lease where market_id = $1), 0) as held`,
    [world.marketId],
  );
  assert.equal(counts!.used, handedIn + counts!.held);
}

/** It knows what somebody who begins now would be told, and never heard of anything that was not for its branch. */
async function checkView(world: World, device: SimulatedDevice): Promise<void> {
  const reaches = (offerId: string) =>
    [null, device.branchId].some((place) => world.reached.get(offerId)!.has(place));
  const allowed = new Set<string>([
    ...[world.marketId, device.branchId],
    ...world.offers.filter(reaches),
    ...world.claims.filter(({ offerId }) => reaches(offerId)).map(({ id }) => id),
  ]);
  assert.deepEqual(
    [...device.seen].filter((id) => !allowed.has(id)),
    [],
    'never heard of what is not its branch’s',
  );
  if (device.isRevoked) return;
  const fresh = await new TillView().pull(device.till);
  assert.deepEqual(device.kept.view.sorted(), fresh.sorted());
}
