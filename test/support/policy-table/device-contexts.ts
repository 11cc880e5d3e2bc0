import { CONTEXT_SECONDS, type ContextKey, signContext } from '../../../server/market/context.ts';
import type { Scope } from '../../../server/market/scope.ts';
import { amber, basil, fixtureId, partnerScope, publicScope, tillScope } from '../two-markets.ts';
import { type ContextCase, swapped } from './contexts.ts';
import type { TestKeys } from './keys.ts';

const till = tillScope(amber);
const longAgo = () => Date.now() - (CONTEXT_SECONDS + 5) * 1000;
const suspended = `update market set state = 'suspended' where id = '${amber.marketId}'`;
const revoked = `update device set state = 'revoked', revoked_at = now() where id = '${amber.device}'`;
// A trigger keeps tills in their branch.
const moved = `set local session_replication_role = replica;
  update device set branch_id = '${amber.secondBranch}' where id = '${amber.device}';
  set local session_replication_role = origin`;

const elsewhere = `update sync_reach set holds = false where offer_id = '${amber.liveOffer}';
  insert into sync_reach (market_id, offer_id, branch_id) values ('${amber.marketId}', '${amber.liveOffer}', '${amber.secondBranch}')`;

/** Contexts of tills: those that hold, those that no longer do, and lies. */
export function deviceCases(keys: TestKeys): ContextCase[] {
  const valid = (name: string, scope: Scope, arranged?: string, signing = keys.device): ContextCase => ({
    ...{ name, scope, text: (pid) => signContext(scope, signing, pid) },
    ...(arranged ? { arranged } : {}),
  });
  const doubted = (name: string, text: (pid: number) => string): ContextCase => ({ name, scope: null, text });
  const altered = (name: string, scope: Scope, from: string, to: string, signing: ContextKey = keys.device) =>
    doubted(name, (pid) => swapped(signContext(scope, signing, pid), from, to));
  return [
    valid('amber till', till),
    valid('amber till, revoked meanwhile', till, revoked),
    valid('amber till, market suspended', till, suspended),
    valid('amber till of another branch', till, moved),
    valid('another amber till', tillScope(amber, fixtureId('device', 'amber', 'second'))),
    valid('amber till, its offers elsewhere', till, elsewhere),
    valid('amber till, revoked long ago', tillScope(amber, amber.revokedDevice)),
    valid('basil till', tillScope(basil)),
    valid('basil till at amber', tillScope(amber, basil.device)),
    valid('till without a market', { ...till, marketId: null }),
    valid('owner claims on the device surface', { ...partnerScope(amber, 'owner'), surface: 'device' }),
    valid('shopper claims on the device surface', { ...publicScope(amber, 'shopper'), surface: 'device' }),
    valid('till claims on the partner surface', { ...till, surface: 'partner' }, '', keys.partner),
    valid('till claims on the public surface', { ...till, surface: 'public' }, '', keys.public),
    doubted('wrong surface: till by the partner key', (pid) => signContext(till, keys.partner, pid)),
    doubted('wrong surface: till by the public key', (pid) => signContext(till, keys.public, pid)),
    doubted('wrong surface: owner by the device key', (pid) =>
      signContext(partnerScope(amber, 'owner'), keys.device, pid),
    ),
    doubted('wrong surface: shopper by the device key', (pid) =>
      signContext(publicScope(amber, 'shopper'), keys.device, pid),
    ),
    altered('forged: till’s market', till, amber.marketId, basil.marketId),
    altered('forged: another till', till, amber.device, amber.revokedDevice),
    altered('forged: till made an owner', till, '|none|', '|owner|'),
    altered('forged: device made partner', till, '|device|', '|partner|'),
    doubted('expired till', (pid) => signContext(till, keys.device, pid, longAgo())),
    doubted('stolen till', (pid) => signContext(till, keys.device, pid + 1)),
    doubted('retired device key', (pid) => signContext(till, keys.retiredDevice, pid)),
  ];
}
