/** How a trail can be broken; server/audit/README.md says what each means. */
export type FindingKind =
  | 'edited'
  | 'missing'
  | 'gap'
  | 'order'
  | 'relinked'
  | 'inserted'
  | 'head'
  | 'truncated'
  | 'rewritten'
  | 'checkpoint'
  | 'anchors';

/** The first thing that is wrong with a chain, or something that is wrong with the anchors. */
export interface AuditFinding {
  /** A market's id, `platform`, or the file of anchors. */
  readonly chain: string;
  readonly kind: FindingKind;
  readonly seq: number | null;
  readonly entryId: string | null;
  readonly words: string;
}
