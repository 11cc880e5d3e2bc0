/**
 * An operation that its scope does not allow: a foreign market in the data, a model out of reach, no scope
 * at all. Answered like an unknown id (404, nothing exposed), and worth a line in the log: no form or
 * client of ours sends one.
 */
export class ScopeViolation extends Error {
  override readonly name = 'ScopeViolation';
  readonly code = 'scope_violation';
  readonly status = 404;
  readonly expose = false;
}
