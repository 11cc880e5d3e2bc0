import { AppError } from '../../errors.ts';

/**
 * An operation that its scope does not allow: a foreign market in the data, a model out of reach, no scope
 * at all. Answered like an unknown id, and worth a line in the log: no form or client of ours sends one.
 */
export class ScopeViolation extends AppError {
  constructor(reason: string) {
    super(404, 'not-found');
    this.name = 'ScopeViolation';
    this.message = reason;
  }
}
