import type { ClientBase } from 'pg';
import { v7 as uuid } from 'uuid';
import type { Scope } from '../../../server/market/scope.ts';
import type { TestPortals } from '../http.ts';
import { type ClaimOptions, insertClaims, type MadeClaim } from '../sync.ts';
import { insertCode, TestTill, tillServer } from '../till.ts';
import type { MarketFixture } from '../two-markets.ts';
import { SimulatedDevice } from './device.ts';

export interface WorldClaim extends MadeClaim {
  readonly offerId: string;
}

/** A market of its own for one history: two branches, a few live offers, three tills. */
export class World {
  readonly portals: TestPortals;
  readonly client: ClientBase;
  readonly marketId = uuid();
  readonly branches = [uuid(), uuid()] as const;
  readonly offers = [uuid(), uuid(), uuid()];
  readonly claims: WorldClaim[] = [];
  readonly devices: SimulatedDevice[] = [];
  /** Where each offer has ever held; null is everywhere. */
  readonly reached = new Map<string, Set<string | null>>();

  constructor(portals: TestPortals, client: ClientBase) {
    this.portals = portals;
    this.client = client;
  }

  async build(): Promise<this> {
    const { client, marketId } = this;
    // Three pairings a history are more than one network may try.
    await client.query('delete from partner_throttle');
    await client.query(
      `insert into market (id, slug, name_en, name_ar, state, plan_id, updated_at)
       select $1::uuid, 'history-' || $1::text, 'A market', 'سوق', 'active', plan_id, now() from market limit 1`,
      [marketId],
    );
    for (const id of this.branches)
      await client.query(
        `insert into branch (market_id, id, name_en, name_ar, updated_at) values ($1, $2, 'A branch', 'فرع', now())`,
        [marketId, id],
      );
    const places = [[], [this.branches[0]], [...this.branches]];
    for (const [index, id] of this.offers.entries()) {
      await client.query(
        `insert into offer (market_id, id, title_en, price, currency, updated_at) values ($1, $2, 'An offer', 100, 'SAR', now())`,
        [marketId, id],
      );
      await this.setBranches(id, places[index]!);
      await client.query(
        `update offer set decision = 'approved', decision_digest = content_digest, decided_at = now() where id = $1`,
        [id],
      );
    }
    for (const branchId of [this.branches[0], this.branches[0], this.branches[1]])
      this.devices.push(new SimulatedDevice(await this.pair(branchId), branchId));
    return this;
  }

  private async pair(branchId: string): Promise<TestTill> {
    const market = { marketId: this.marketId, manager: uuid() } as unknown as MarketFixture;
    const { code } = await insertCode({ sql: this.sql }, market, { branch: branchId });
    const till = await TestTill.create(tillServer(this.portals));
    const { status, body } = await till.pair(code);
    if (status !== 201) throw new Error(`Not paired: ${status} ${JSON.stringify(body)}`);
    return till;
  }

  sql = async <Row>(text: string, values: unknown[] = []): Promise<Row[]> =>
    (await this.client.query(text, values)).rows as Row[];

  async setBranches(offerId: string, branches: readonly string[]): Promise<void> {
    await this.client.query('begin');
    await this.client.query('delete from offer_branch where offer_id = $1', [offerId]);
    for (const id of branches)
      await this.client.query(
        'insert into offer_branch (market_id, offer_id, branch_id) values ($1, $2, $3)',
        [...[this.marketId, offerId, id]],
      );
    await this.client.query('commit');
    const reached = this.reached.get(offerId) ?? new Set();
    for (const id of branches.length > 0 ? branches : [null]) reached.add(id);
    this.reached.set(offerId, reached);
  }

  async claim(offerId: string, options: ClaimOptions): Promise<void> {
    const market = { marketId: this.marketId, liveOffer: offerId } as unknown as MarketFixture;
    const [made] = await insertClaims(this.client, market, 1, { ...options, offerId });
    this.claims.push({ ...made!, offerId });
  }

  /** As the partner portal would, in the market's own scope. @returns whether it was redeemed now. */
  async redeemAtPortal(claimId: string): Promise<boolean> {
    const actor = { kind: 'partner', id: uuid(), role: 'manager', name: 'A manager' } as const;
    const scope: Scope = { surface: 'partner', marketId: this.marketId, receipt: 'history', actor };
    return this.portals.partner.deps.database
      .scoped(scope)
      .claim.updateMany({
        where: { id: claimId },
        data: { state: 'redeemed', branchId: this.branches[0] },
      })
      .then(
        ({ count }) => count === 1,
        () => false,
      );
  }

  async revoke(device: SimulatedDevice): Promise<void> {
    device.isRevoked = true;
    await this.client.query(`update device set state = 'revoked', revoked_at = now() where id = $1`, [
      device.till.deviceId,
    ]);
  }

  setCap(cap: number): Promise<unknown> {
    return this.client.query(
      `insert into limit_override (market_id, id, name, cap, reason, created_by) values ($1, $2, 'sync_pushes', $3, 'test', $2)`,
      [this.marketId, uuid(), cap],
    );
  }
}
