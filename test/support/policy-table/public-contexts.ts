import { CONTEXT_SECONDS, type ContextKey, signContext } from '../../../server/market/context.ts';
import type { Scope } from '../../../server/market/scope.ts';
import { amber, basil, jobScope, partnerScope, publicScope } from '../two-markets.ts';
import { type ContextCase, swapped } from './contexts.ts';
import type { TestKeys } from './keys.ts';

const key = publicScope(amber, 'key');
const visitor = publicScope(amber, 'visitor');
const shopper = publicScope(amber, 'shopper');
const longAgo = () => Date.now() - (CONTEXT_SECONDS + 5) * 1000;

const suspended = `update market set state = 'suspended' where id = '${amber.marketId}'`;
const expired = `update publishable_key set expires_at = now() - interval '1 second' where id = '${amber.key}'`;
const expiring = `update publishable_key set expires_at = now() + interval '1 hour' where id = '${amber.key}'`;
/** What the public surface shows depends on the rows, too. */
const closed = `update branch set state = 'closed' where id = '${amber.branch}'`;
const live = (changes: string): string =>
  `update offer set ${changes} where id = '${amber.liveOffer}';
   update offer set decision_digest = content_digest where id = '${amber.liveOffer}'`;
const ended = live(`ends_at = now() - interval '1 second'`);
const scheduled = live(`starts_at = now() + interval '1 hour'`);
const running = live(`starts_at = now() - interval '1 hour', ends_at = now() + interval '1 hour'`);
const limited = `update offer set claim_limit = 50 where id in ('${amber.liveOffer}', '${amber.offer}');
  insert into offer_branch (market_id, offer_id, branch_id)
  values ('${amber.marketId}', '${amber.liveOffer}', '${amber.branch}')`;
const hadTheirs = `update claim set shopper_id = '${amber.otherShopper}' where shopper_id = '${amber.shopper}'`;
/** All that keeps these from shoppers is that nobody has approved them. */
const endless = `update offer set ends_at = null where market_id = '${amber.marketId}' and id <> '${amber.liveOffer}'`;
/** As if the statement before had written them. */
const written = 'update offer_event set received_at = current_timestamp';

/** Contexts of the public surface, and of jobs: those that hold, those that no longer do, and lies. */
export function publicCases(keys: TestKeys): ContextCase[] {
  const valid = (name: string, scope: Scope, arranged?: string, signing = keys.public): ContextCase => ({
    ...{ name, scope, text: (pid) => signContext(scope, signing, pid) },
    ...(arranged ? { arranged } : {}),
  });
  const doubted = (name: string, text: (pid: number) => string): ContextCase => ({ name, scope: null, text });
  const altered = (name: string, scope: Scope, from: string, to: string, signing: ContextKey = keys.public) =>
    doubted(name, (pid) => swapped(signContext(scope, signing, pid), from, to));
  return [
    valid('amber key', key),
    valid('amber key, revoked', publicScope(amber, 'key', amber.revokedKey)),
    valid('amber key, expired', key, expired),
    valid('amber key, running out', key, expiring),
    valid('amber key, market suspended', key, suspended),
    valid('amber key, branch closed', key, closed),
    valid('amber key, offer ended', key, ended),
    valid('amber key, offer scheduled', key, scheduled),
    valid('amber key, offer running', key, running),
    valid('amber key, offer with a limit and a branch', key, limited),
    valid('basil key, amber’s offer with a limit and a branch', publicScope(basil, 'key'), limited),
    valid('amber key, drafts without an end', key, endless),
    valid('amber key, events written before', key, written),
    valid('amber key, revoked, events written before', publicScope(amber, 'key', amber.revokedKey), written),
    valid('amber market under the key of basil', publicScope(amber, 'key', basil.key)),
    valid('amber market under no key of anybody', publicScope(amber, 'key', amber.offer)),
    valid('basil key', publicScope(basil, 'key')),
    valid('amber visitor', visitor),
    valid('amber visitor, market suspended', visitor, suspended),
    valid('amber shopper', shopper),
    valid('amber shopper, market suspended', shopper, suspended),
    valid('another amber shopper', publicScope(amber, 'shopper', amber.otherShopper)),
    valid('another amber shopper, offer ended', publicScope(amber, 'shopper', amber.otherShopper), ended),
    valid(
      'another amber shopper, offer scheduled',
      publicScope(amber, 'shopper', amber.otherShopper),
      scheduled,
    ),
    valid('another amber shopper, had theirs', publicScope(amber, 'shopper', amber.otherShopper), hadTheirs),
    valid('key with a shopper’s id', publicScope(amber, 'key', amber.shopper)),
    valid('visitor with a shopper’s id', publicScope(amber, 'visitor', amber.shopper)),
    valid('basil shopper', publicScope(basil, 'shopper')),
    valid('basil shopper at amber', publicScope(amber, 'shopper', basil.shopper)),
    valid('shopper without a market', { ...shopper, marketId: null }),
    valid('owner claims on the public surface', { ...partnerScope(amber, 'owner'), surface: 'public' }),
    valid('shopper claims on the partner surface', { ...shopper, surface: 'partner' }, '', keys.partner),
    valid('amber job', jobScope(amber), '', keys.partner),
    valid('basil job', jobScope(basil), '', keys.partner),
    doubted('wrong surface: shopper by the partner key', (pid) => signContext(shopper, keys.partner, pid)),
    doubted('wrong surface: shopper by the admin key', (pid) => signContext(shopper, keys.admin, pid)),
    doubted('wrong surface: owner by the public key', (pid) =>
      signContext(partnerScope(amber, 'owner'), keys.public, pid),
    ),
    doubted('wrong surface: job by the public key', (pid) => signContext(jobScope(amber), keys.public, pid)),
    altered('forged: shopper’s market', shopper, amber.marketId, basil.marketId),
    altered('forged: another shopper', shopper, amber.shopper, amber.otherShopper),
    altered('forged: key made a shopper', key, '|key|', '|shopper|'),
    altered('forged: shopper made an owner', shopper, '|shopper|', '|owner|'),
    altered('forged: public made partner', shopper, '|public|', '|partner|'),
    doubted('expired shopper', (pid) => signContext(shopper, keys.public, pid, longAgo())),
    doubted('stolen shopper', (pid) => signContext(shopper, keys.public, pid + 1)),
    doubted('retired public key', (pid) => signContext(shopper, keys.retiredPublic, pid)),
  ];
}
