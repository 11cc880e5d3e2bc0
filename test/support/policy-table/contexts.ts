import { createHash } from 'node:crypto';
import { CONTEXT_SECONDS, type ContextKey, signContext } from '../../../server/market/context.ts';
import type { Scope } from '../../../server/market/scope.ts';
import { amber, basil, partnerScope, personScope, staffScope } from '../two-markets.ts';
import { deviceCases } from './device-contexts.ts';
import type { TestKeys } from './keys.ts';
import { publicCases } from './public-contexts.ts';
import { supportCases } from './support-contexts.ts';

/** One column of the policy table. */
export interface ContextCase {
  readonly name: string;
  /** Whose statement the database must take it for; null when it has to doubt it. */
  readonly scope: Scope | null;
  /** The setting's text on the connection with this backend pid. */
  text(pid: number): string;
  /** Its transaction can't write, as a support session's can't. */
  readonly readOnly?: true;
  /** What is otherwise in the database while this context is asked about, written by the superuser and undone. */
  readonly arranged?: string;
}

const owner = partnerScope(amber, 'owner');
const analyst = partnerScope(amber, 'analyst');
const operator = staffScope('operator');
const support = staffScope('support');
/** Staff's claims, signed by the partner process for its own surface. */
const impostor: Scope = { ...operator, surface: 'partner' };
const longAgo = () => Date.now() - (CONTEXT_SECONDS + 5) * 1000;
const otherMac = (text: string): string =>
  text.replace(/[^|]*$/, createHash('sha256').update(text).digest('hex'));

/** Every context of the table: believed ones first, then each way of lying that we know. */
export function contextCases(keys: TestKeys): ContextCase[] {
  const valid = (name: string, scope: Scope, key: ContextKey): ContextCase => ({
    name,
    scope,
    text: (pid) => signContext(scope, key, pid),
  });
  const doubted = (name: string, text: (pid: number) => string): ContextCase => ({ name, scope: null, text });
  const altered = (name: string, scope: Scope, key: ContextKey, from: string, to: string): ContextCase =>
    doubted(name, (pid) => swapped(signContext(scope, key, pid), from, to));
  return [
    valid('amber owner', owner, keys.partner),
    valid('amber manager', partnerScope(amber, 'manager'), keys.partner),
    valid('amber analyst', analyst, keys.partner),
    valid('basil owner', partnerScope(basil, 'owner'), keys.partner),
    valid('amber owner, previous key', owner, keys.previousPartner),
    valid('person of amber', personScope(amber.person), keys.partner),
    valid('staff claims on the partner surface', impostor, keys.partner),
    valid('operator', operator, keys.admin),
    valid('support', support, keys.admin),
    doubted('none', () => ''),
    doubted('forged: another MAC', (pid) => otherMac(signContext(owner, keys.partner, pid))),
    doubted('forged: operator, another MAC', (pid) => otherMac(signContext(operator, keys.admin, pid))),
    doubted('forged: no MAC', (pid) => signContext(owner, keys.partner, pid).replace(/[^|]*$/, '')),
    altered('forged: altered market', owner, keys.partner, amber.marketId, basil.marketId),
    altered('forged: altered role', analyst, keys.partner, '|analyst|', '|owner|'),
    altered('forged: altered staff role', support, keys.admin, '|support|', '|operator|'),
    altered('forged: altered person', personScope(amber.person), keys.partner, amber.person, basil.person),
    doubted('expired', (pid) => signContext(owner, keys.partner, pid, longAgo())),
    doubted('expired operator', (pid) => signContext(operator, keys.admin, pid, longAgo())),
    doubted('stolen from another connection', (pid) => signContext(owner, keys.partner, pid + 1)),
    doubted('stolen operator', (pid) => signContext(operator, keys.admin, pid + 1)),
    doubted('wrong surface: staff by the partner key', (pid) => signContext(operator, keys.partner, pid)),
    doubted('wrong surface: market by the admin key', (pid) => signContext(owner, keys.admin, pid)),
    doubted('retired key', (pid) => signContext(owner, keys.retiredPartner, pid)),
    doubted('retired admin key', (pid) => signContext(operator, keys.retiredAdmin, pid)),
    altered('unknown key', owner, keys.partner, keys.partner.kid, 'nobody'),
    ...publicCases(keys),
    ...deviceCases(keys),
    ...supportCases(keys),
  ];
}

/** A replacement that finds nothing would turn a forged context into a true one. */
export function swapped(text: string, from: string, to: string): string {
  const result = text.replace(from, to);
  if (result === text) throw new Error(`nothing to alter in the context: ${from}`);
  return result;
}
