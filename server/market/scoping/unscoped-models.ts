/**
 * The only models without a market, each with its reason. A model that is neither here nor has a `marketId`
 * stops the process at start: nothing is shared because somebody forgot.
 *
 * - `shared`: read in every scope, written by staff alone.
 * - `staff`: staff scopes alone.
 * - `gate`: the sign-in gates alone; in a market's scope it does not exist.
 */
export const unscopedModels: Readonly<Record<string, { readonly reach: Reach; readonly reason: string }>> = {
  Plan: { reach: 'shared', reason: 'the price list: the same for all markets, written by operators' },
  PlanChange: { reach: 'staff', reason: 'what operators changed about the price list' },
  Category: { reach: 'shared', reason: 'one catalogue for all markets, written by operators' },
  Benchmark: { reach: 'shared', reason: 'medians over many markets, published for all of them' },
  StaffUser: { reach: 'staff', reason: 'platform staff belong to no market' },
  StaffCredential: {
    reach: 'gate',
    reason: 'password hashes of staff: read when signing in, never afterwards',
  },
  StaffSession: { reach: 'staff', reason: 'sessions of platform staff' },
  PlatformAuditEntry: { reach: 'staff', reason: 'what staff did to the platform itself' },
  Decoy: { reach: 'staff', reason: 'the mark of the market that nobody may see' },
  DecoySighting: { reach: 'staff', reason: 'alarms about the whole platform' },
  IsolationTask: { reach: 'staff', reason: 'what staff ask of the process that holds the keys for it' },
  IsolationProbe: { reach: 'staff', reason: 'attacks that staff ordered, over two markets each' },
  LayerDifference: { reach: 'staff', reason: 'alarms about the whole platform' },
  IsolationCertificate: { reach: 'staff', reason: 'what staff signed about the whole installation' },
  PlatformAuditLink: { reach: 'staff', reason: 'the chain of what staff did to the platform' },
  PlatformAuditHead: { reach: 'staff', reason: 'the end of that chain' },
  PlatformAuditCheckpoint: {
    reach: 'staff',
    reason: 'where that chain begins since older entries were let go',
  },
  AuditAnchor: { reach: 'staff', reason: 'what was written of all chains outside of the database' },
  AuditCheck: { reach: 'staff', reason: 'verifications of all chains' },
  PlatformReceipt: { reach: 'staff', reason: 'requests of staff, and of whoever has not signed in' },
  ReceiptLoss: { reach: 'staff', reason: 'how many receipts of a process could not be kept' },
  SyncEpoch: {
    reach: 'gate',
    reason: 'whose transaction ids the order of changes is: functions alone read it',
  },
  PartnerUser: { reach: 'gate', reason: 'a person in several markets: only signing in may see the person' },
};

export type Reach = 'shared' | 'staff' | 'gate';
